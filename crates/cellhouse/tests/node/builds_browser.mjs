// What a page says in Chromium before and after its button was clicked: node builds_browser.mjs URL. Prints JSON.
import { withPage } from "./browser.mjs";

const [url] = process.argv.slice(2);
await withPage(async (page, problems) => {
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type()) && !message.text().includes("favicon")) problems.push(message.text());
  });
  await page.goto(url, { waitUntil: "networkidle0" });
  const text = () => page.$eval("#app", (element) => element.innerText.split(/\s*\n\s*/));
  const before = await text();
  await page.click("button");
  await page.waitForFunction(() => document.querySelector("button").textContent.includes("1"));
  return { before, after: await text() };
});
