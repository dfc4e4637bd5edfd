// The screens of the orders: each in every look, and what one does on them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { keep, launch, mustHold, openPage, settle, words } from "./browser.mjs";
import { everyLook } from "./looks.mjs";
import { startServer } from "./server.mjs";

let server;
let browser;
let customer;

before(async () => {
  server = await startServer({ simulated: true });
  browser = await launch();
  const list = await (await fetch(`${server.url}/v1/customers?limit=1&offset=20`)).json();
  customer = list.items[0];
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

// What a screen is called, and a place whose presence proves that the answer came and was drawn.
const screens = [
  { name: "overview", path: () => "/", title: (w) => w.overview.title, proof: "article a[href*='/customers']" },
  { name: "customers", path: () => "/customers", title: (w) => w.customers.title, proof: "tbody tr:nth-child(50)" },
  { name: "customer", path: () => `/customers/${encodeURIComponent(customer.id)}`, title: () => customer.name || customer.id, proof: "main [role=img] svg path" },
  { name: "rfm", path: () => "/rfm", title: (w) => w.rfm.title, proof: "td a[href*='r=5']" },
  { name: "cohorts", path: () => "/cohorts", title: (w) => w.cohorts.title, proof: "main [role=img] svg path" },
  { name: "value", path: () => "/value", title: (w) => w.value.title, proof: "main [role=img] svg path" },
  { name: "forecast", path: () => "/forecast", title: (w) => w.forecast.title, proof: "main [role=img] svg path" },
  { name: "segments", path: () => "/segments", title: (w) => w.segments.title, proof: "article h2 a" },
  { name: "segment", path: () => "/segments/vip", title: (w) => w.segment.vip.name, proof: "tbody tr:nth-child(5)" },
  { name: "import", path: () => "/import", title: (w) => w.import.title, proof: "input[type=file]" },
];

everyLook(() => ({ browser, url: server.url }), screens);

test("a figure explains itself to the keyboard, and a chart is a table and a CSV too", async () => {
  const { page, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/`);
    await page.getByRole("button", { name: words.en.kpi.churn_rate.name }).focus();
    await page.getByRole("tooltip").getByText(words.en.kpi.churn_rate.meaning).waitFor();
    const figures = page.getByRole("region", { name: words.en.figures.title });
    await figures.getByRole("button", { name: words.en.chart.showTable }).click();
    await figures.getByRole("columnheader", { name: words.en.kpi.churn_rate.name }).waitFor();
    const [steps] = await Promise.all([page.waitForEvent("download"), figures.getByRole("button", { name: words.en.chart.csv }).click()]);
    assert.equal(steps.suggestedFilename(), "dangol-figures.csv");
    await page.getByRole("button", { name: words.en.chart.showTable }).first().click();
    await page.getByRole("columnheader", { name: words.en.trend.refunds }).waitFor();
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: words.en.chart.csv }).nth(1).click()]);
    assert.match(file.suggestedFilename(), /^dangol-trend-revenue\.csv$/);
  } finally {
    await close();
  }
});

test("a finding leads to its people, and filters live in the address", async () => {
  const { page, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/`);
    const overview = await (await fetch(`${server.url}/v1/overview`)).json();
    await page.locator("article a").first().click();
    await page.waitForURL(/\/customers\?/);
    await page.locator("h1 + p strong").getByText(String(overview.findings[0].customers.toLocaleString("en-GB"))).waitFor();
    await page.getByLabel(words.en.filter.group, { exact: true }).selectOption("champions");
    await page.waitForURL(/group=champions/);
    await page.reload();
    await settle(page);
    assert.equal(await page.getByLabel(words.en.filter.group, { exact: true }).inputValue(), "champions");
    await page.goto(`${server.url}/customers`);
    await page.getByRole("button", { name: words.en.customers.column.last }).click();
    await page.waitForURL(/sort=last_order/);
    await page.getByLabel(words.en.filter.search).fill(customer.id);
    await page.waitForURL(new RegExp(`q=${customer.id}`));
    await page.locator("tbody tr").filter({ hasText: customer.id }).click();
    await page.waitForURL(new RegExp(`/customers/${customer.id}`));
  } finally {
    await close();
  }
});

test("quick find, language, theme, market and day are within reach and stay", async () => {
  const { page, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/`);
    await settle(page);
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: words.en.find.placeholder }).fill("coho");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/cohorts/);
    await page.getByText("한국어").click();
    await page.getByRole("heading", { level: 1, name: words.ko.cohorts.title }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), "ko");
    await page.getByRole("button", { name: words.ko.shell.toDark }).click();
    assert.equal(await page.evaluate(() => document.documentElement.dataset.mantineColorScheme), "dark");
    await page.getByLabel(words.ko.scope.market, { exact: true }).selectOption("TH");
    await page.waitForURL(/market=TH/);
    await page.getByRole("link", { name: words.ko.nav.rfm }).click();
    await page.waitForURL(/\/rfm\?.*market=TH/);
  } finally {
    await close();
  }
});

test("another day is analysed first, in sight, and the way back is the same", async () => {
  const { page, complaints, close } = await openPage(browser);
  const kept = async () => (await (await fetch(`${server.url}/v1/status`)).json()).analysis.as_of;
  try {
    const latest = await kept();
    const earlier = new Date(Date.parse(latest) - 90 * 86_400_000).toISOString().slice(0, 10);
    await page.goto(`${server.url}/segments?as_of=${earlier}`);
    await page.getByText(words.en.scope.working.note).waitFor();
    await keep(page, "another-day-en-light-1440");
    await mustHold(page, "another day");
    await page.waitForSelector("article h2 a");
    assert.equal(await kept(), earlier);
    await page.getByRole("link", { name: words.en.nav.customers, exact: true }).click();
    await page.waitForURL(new RegExp(`/customers\\?.*as_of=${earlier}`));
    await page.waitForSelector("tbody tr:nth-child(50)");
    const link = await page.getByRole("link", { name: words.en.customers.csv }).getAttribute("href");
    assert.match(link, new RegExp(`as_of=${earlier}`));
    await page.getByRole("button", { name: /^As of/ }).click();
    await page.getByRole("button", { name: new RegExp(words.en.scope.latest) }).click();
    await page.getByText(words.en.scope.working.note).waitFor();
    await page.waitForSelector("tbody tr:nth-child(50)");
    assert.equal(await kept(), latest);
    assert.deepEqual(complaints, []);
  } finally {
    await close();
  }
});

test("an unknown customer and an unknown page say so", async () => {
  const { page, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/customers/nobody-by-that-name`);
    await page.getByRole("alert").waitFor();
    await page.goto(`${server.url}/nowhere`);
    await page.getByText(words.en.missing.title).waitFor();
    await mustHold(page, "missing");
  } finally {
    await close();
  }
});
