// Clicks through the page of examples/shop in Chromium: node shop_browser.mjs URL. Prints, as JSON, what the page said.
import { withPage } from "./browser.mjs";

const [url] = process.argv.slice(2);
await withPage(async (page, problems) => {
  page.on("response", (response) => {
    if (response.status() >= 500) problems.push(`${response.status()} ${response.url()}`);
  });
  const textOf = (selector) => page.$eval(selector, (element) => element.textContent);
  const reads = (selector, part) =>
    page.waitForFunction((at, text) => document.querySelector(at)?.textContent.includes(text), {}, selector, part);

  await page.goto(`${url}/home`);
  const landed = new URL(page.url()).pathname;
  await page.waitForSelector("button[data-product='3']");
  const products = await page.$$eval("article h2", (titles) => titles.map((title) => title.textContent));
  const images = await page.$$eval("article img", (all) => Promise.all(all.map((image) => image.decode().then(() => image.naturalWidth > 0))));
  await page.click("button[data-product='1']");
  await reads("#cart", "In your cart: 1");
  await page.click("button[data-product='3']");
  await reads("#cart", "In your cart: 2");
  await page.reload();
  await reads("#cart", "In your cart: 2");
  await page.click("#order");
  await reads("#orders", "confirmed");
  await reads("#message", "total");
  const [order, receipt, cart] = [await textOf("#orders li"), await textOf("#message"), await textOf("#cart")];
  const missing = await page.goto(`${url}/nothing-here`);
  const notFound = [missing.status(), await textOf("h1")];
  return { landed, products, images, order, receipt, cart, notFound };
});
