// One Chromium, and what every page must hold.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

// What the tests need is in the console's list of packages: one list, one install.
const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { AxeBuilder } = require("@axe-core/playwright");
const { chromium } = require("playwright-core");

const here = path.dirname(fileURLToPath(import.meta.url));
const screens = path.join(here, "screens");
mkdirSync(screens, { recursive: true });

export const words = Object.fromEntries(
  ["en", "ko", "th"].map((language) => [language, JSON.parse(readFileSync(path.resolve(here, `../../web/src/i18n/${language}.json`), "utf8"))]),
);

export function launch() {
  return chromium.launch({
    executablePath: process.env.DANGOL_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
  });
}

/** A page in one language, scheme and width; `complaints` gathers what its console says. */
export async function openPage(browser, { language = "en", scheme = "light", width = 1440 } = {}) {
  const context = await browser.newContext({ viewport: { width, height: width > 600 ? 900 : 844 }, colorScheme: scheme, locale: language, acceptDownloads: true });
  await context.addInitScript((value) => localStorage.setItem("dangol.language", value), language);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
  return { page, complaints, close: () => context.close() };
}

/** Waits until nothing is grey any more. */
export async function settle(page) {
  await page.waitForLoadState("networkidle");
  await page.waitForFunction(() => !document.querySelector("main [aria-busy='true']"));
}

const prefixes = Object.keys(words.en).join("|");
const leftover = new RegExp(`\\b(?:${prefixes})\\.[a-zA-Z_]+(?:\\.[a-zA-Z_]+)*\\b|\\bundefined\\b|\\bNaN\\b|\\[object|\\{\\{`);

/** Nothing untranslated, nothing sticking out sideways, and, with `axe`, no barrier that it knows of. `values` are words that look like a slip and are none. */
export async function mustHold(page, name, { axe = true, values = [] } = {}) {
  const text = values.reduce((rest, value) => rest.replaceAll(value, ""), await page.evaluate(() => document.body.innerText));
  assert.equal(text.match(leftover)?.[0], undefined, `${name}: a raw key or value is on the page`);
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(beyond <= 0, `${name}: the page is ${beyond} px wider than the window`);
  if (!axe) return;
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map((v) => `${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map((n) => `${n.target.join(" ")} ${n.any[0]?.message ?? ""}`).join(" | ")}`);
  assert.deepEqual(found, [], `${name}: accessibility`);
}

export function keep(page, name) {
  return page.screenshot({ path: path.join(screens, `${name}.png`), fullPage: true });
}
