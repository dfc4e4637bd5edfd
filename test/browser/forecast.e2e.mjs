// What is to come: from the overview's dashed line to the whole forecast, its figures, its units, and what is missing for one.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { keep, launch, mustHold, openPage, settle, words } from "./browser.mjs";
import { startServer } from "./server.mjs";

const w = words.en;
let server;
let browser;

before(async () => {
  server = await startServer({ simulated: true });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test("the overview says what is expected and leads to the whole forecast", async () => {
  const { page, complaints, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/`);
    await page.getByText(/expected in the week from/).waitFor();
    await page.getByRole("link", { name: w.forecast.link }).click();
    await page.getByRole("heading", { level: 1, name: w.forecast.title }).waitFor();
    await page.waitForSelector("main [role=img] svg path", { state: "attached" });
    await page.getByText(/four times in five it would lie between/).first().waitFor();
    await page.getByRole("button", { name: w.chart.showTable }).click();
    await page.getByRole("columnheader", { name: w.forecast.band95 }).waitFor();
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: w.chart.csv }).click()]);
    assert.equal(file.suggestedFilename(), "dangol-forecast-revenue-week.csv");
    assert.deepEqual(complaints, []);
  } finally {
    await close();
  }
});

test("figure, step and market live in the address, and the sentence follows them", async () => {
  const { page, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/forecast`);
    await page.getByLabel(w.forecast.kpiLabel).selectOption("orders");
    await page.waitForURL(/kpi=orders/);
    await page.getByText(w.forecast.unit.month, { exact: true }).click();
    await page.waitForURL(/unit=month/);
    await page.getByText(/^Orders: .* expected in \w+ 20\d\d/).first().waitFor();
    await page.getByLabel(w.scope.market, { exact: true }).selectOption("TH");
    await page.waitForURL(/market=TH/);
    await page.reload();
    await settle(page);
    assert.equal(await page.getByLabel(w.forecast.kpiLabel).inputValue(), "orders");
    await mustHold(page, "forecast of orders by month");
  } finally {
    await close();
  }
});

test("too little history is said, with the step that would do; an error has another try", async () => {
  const { page, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/forecast?unit=month&as_of=2024-06-30`);
    await page.getByText(w.forecast.short.month).waitFor();
    await keep(page, "forecast-short-en-light-1440");
    await mustHold(page, "too short a history");
    await page.getByRole("link", { name: w.forecast.try.week }).click();
    await page.waitForSelector("main [role=img] svg path", { state: "attached" });
    await page.route("**/v1/kpis/**", (route) => route.fulfill({ status: 500, contentType: "application/problem+json", body: '{"status":500,"code":"internal","title":"something broke"}' }));
    await page.goto(`${server.url}/forecast?kpi=new_customers`);
    await page.getByRole("alert").waitFor();
    await page.unroute("**/v1/kpis/**");
    await page.getByRole("button", { name: w.state.retry }).click();
    await page.waitForSelector("main [role=img] svg path", { state: "attached" });
  } finally {
    await close();
  }
});
