// Looks at the pages of addresses (arguments) with pa11y in the Chromium of CHROME_PATH, and prints what it finds as JSON lines.
import pa11y from "pa11y";
import puppeteer from "puppeteer";

const browser = await puppeteer.launch({
  executablePath: process.env.CHROME_PATH,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
});
const found = [];
for (const address of process.argv.slice(2)) {
  const page = await browser.newPage();
  const result = await pa11y(address, { browser, page, standard: "WCAG2AA", includeWarnings: false, timeout: 60_000 });
  found.push(...result.issues.map((one) => `${new URL(address).pathname}: ${one.code}: ${one.message} ${one.context}`));
  await page.close();
}
await browser.close();
process.stdout.write(JSON.stringify(found));
