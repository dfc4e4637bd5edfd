// From an empty folder to the picture, in the browser: upload, put right what is ambiguous, import, see.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { keep, launch, mustHold, openPage, settle, words } from "./browser.mjs";
import { startServer } from "./server.mjs";

const w = words.en;
let server;
let browser;

before(async () => {
  server = await startServer({ simulated: false });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

// Days never pass 12, so that only a person can tell day from month. Two lines have no customer, one was given away.
function orders() {
  const rows = ["CustomerID,InvoiceNo,InvoiceDate,StockCode,Quantity,UnitPrice,Country"];
  let order = 1000;
  for (let customer = 1; customer <= 60; customer++) {
    for (let visit = 0; visit <= customer % 5; visit++) {
      const day = 1 + ((customer + visit * 3) % 12);
      const month = 1 + ((customer * 7 + visit * 2) % 12);
      const date = `${String(day).padStart(2, "0")}/${String(month).padStart(2, "0")}/2024`;
      order++;
      rows.push(`C${customer},${order},${date},P${customer % 9},${1 + (visit % 3)},${(4.5 + (customer % 7)).toFixed(2)},${customer % 2 ? "Germany" : "Thailand"}`);
    }
  }
  rows.push(",9001,05/06/2024,P1,1,5.00,Germany", ",9002,05/07/2024,P1,1,5.00,Germany", "C1,9003,05/08/2024,P1,1,0.00,Germany", "C2,9004,06/08/2024,P1,-1,5.00,Thailand");
  return Buffer.from(rows.join("\n") + "\n");
}

async function choose(page) {
  await page.setInputFiles("input[type=file]", { name: "orders.csv", mimeType: "text/csv", buffer: orders() });
}

test("an empty shop says what to do, and a file becomes a picture", async () => {
  const { page, complaints, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/`);
    await page.getByText(w.shell.emptyTitle).waitFor();
    await settle(page);
    assert.deepEqual(complaints, [], "an empty shop is asked what it cannot answer");
    await keep(page, "empty-en-light-1440");
    await mustHold(page, "empty");
    await page.getByRole("link", { name: w.shell.emptyAction }).click();

    await choose(page);
    await page.getByText(w.problem.ambiguous_date.next).waitFor();
    await keep(page, "import-ambiguous-en-light-1440");
    assert.ok(await page.getByRole("button", { name: w.import.start }).isDisabled());
    await page.getByLabel(w.import.options.dateFormat).selectOption("dmy");
    await page.getByLabel(w.import.options.currency).selectOption("EUR");
    await page.getByText(w.import.totals.title).waitFor();
    await page.getByText(w.reason.missing_customer, { exact: true }).first().waitFor();
    await settle(page);
    await keep(page, "import-preview-en-light-1440");
    await mustHold(page, "import preview");

    await page.getByRole("button", { name: w.import.start }).click();
    await page.getByText(w.import.analysed.title).waitFor({ timeout: 60_000 });
    await keep(page, "import-done-en-light-1440");
    await mustHold(page, "import done");
    const [rejects] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: w.import.rejects }).click()]);
    assert.match(rejects.suggestedFilename(), /rejects\.csv$/);
    await page.getByRole("link", { name: w.import.analysed.overview }).click();
    await page.getByRole("heading", { level: 1, name: w.overview.title }).waitFor();
    await page.getByText(w.kpi.revenue.name, { exact: true }).first().waitFor();
    await settle(page);
    await mustHold(page, "overview of a small shop");
    await keep(page, "overview-small-en-light-1440");
    for (const path of ["/customers", "/rfm", "/cohorts", "/value", "/segments"]) {
      await page.goto(server.url + path);
      await settle(page);
      await mustHold(page, `small shop ${path}`);
      await keep(page, `small${path.replace("/", "-")}-en-light-1440`);
    }
    // The refusal of an ambiguous file is an answer, not an accident; the browser lists it all the same.
    assert.deepEqual(complaints.filter((text) => !/status of 4\d\d/.test(text)), []);
  } finally {
    await close();
  }
});

test("the same file again changes nothing, and says so", async () => {
  const { page, close } = await openPage(browser, { language: "ko" });
  try {
    await page.goto(`${server.url}/import`);
    await choose(page);
    await page.getByLabel(words.ko.import.options.dateFormat).selectOption("dmy");
    await page.getByText(words.ko.import.totals.title).waitFor();
    await settle(page);
    await page.getByRole("button", { name: words.ko.import.start }).click();
    await page.getByText(words.ko.import.done.nothing, { exact: true }).waitFor({ timeout: 60_000 });
    await page.getByText(words.ko.import.balance.present).waitFor();
  } finally {
    await close();
  }
});

test("an import that runs can be stopped, and leaves nothing", async () => {
  const { page, close } = await openPage(browser);
  page.setDefaultTimeout(60_000); // a big file takes its time to be made, sent and looked at
  const held = async () => (await (await fetch(`${server.url}/v1/status`)).json()).lines;
  try {
    const before = await held();
    const rows = Array.from({ length: 700_000 }, (_, at) => `K${at % 9000},${50_000 + at},2024-0${1 + (at % 9)}-${10 + (at % 18)},P${at % 50},1,7.25`);
    const buffer = Buffer.from(`CustomerID,InvoiceNo,InvoiceDate,StockCode,Quantity,UnitPrice\n${rows.join("\n")}\n`);
    await page.goto(`${server.url}/import`);
    await page.setInputFiles("input[type=file]", { name: "many.csv", mimeType: "text/csv", buffer });
    await page.getByText(w.import.totals.title).waitFor({ timeout: 60_000 });
    await settle(page);
    await page.getByRole("button", { name: w.import.start }).click();
    await page.locator("main").getByRole("button", { name: w.job.stop }).click();
    await page.getByText(w.job.stopped).waitFor();
    await settle(page);
    await mustHold(page, "import stopped");
    await keep(page, "import-stopped-en-light-1440");
    assert.equal(await held(), before);
    await page.getByRole("button", { name: w.import.failed.back }).click();
    await page.getByText(w.import.totals.title).waitFor();
  } finally {
    await close();
  }
});
