// What a page says in Chromium before and after its button was clicked: node builds_browser.mjs URL. Prints JSON.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";

const [url] = process.argv.slice(2);
const PATIENCE = 60_000;
const userDataDir = mkdtempSync(join(tmpdir(), "cellhouse-browser-"));
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  // Its own sandbox needs rights that containers do not have; it shows a page of this test only.
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
  protocolTimeout: PATIENCE,
  timeout: PATIENCE,
  userDataDir,
});
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  const problems = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type()) && !message.text().includes("favicon")) problems.push(message.text());
  });
  await page.goto(url, { waitUntil: "networkidle0" });
  const text = () => page.$eval("#app", (element) => element.innerText.split(/\s*\n\s*/));
  const before = await text();
  await page.click("button");
  await page.waitForFunction(() => document.querySelector("button").textContent.includes("1"));
  console.log(JSON.stringify({ before, after: await text(), problems }));
} finally {
  await browser.close();
  rmSync(userDataDir, { recursive: true, force: true });
}
