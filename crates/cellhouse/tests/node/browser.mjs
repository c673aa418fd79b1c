// A page of Chromium for the scripts that click through one.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";

const PATIENCE = 60_000;

// Prints, as JSON, what `look` tells of the page, with the exceptions that nobody caught there.
export async function withPage(look) {
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
    console.log(JSON.stringify({ ...await look(page, problems), problems }));
  } finally {
    await browser.close();
    rmSync(userDataDir, { recursive: true, force: true });
  }
}
