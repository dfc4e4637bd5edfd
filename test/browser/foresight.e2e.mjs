// What is to come: risk, predictions and recommendations; the walk from a finding to its people to one person's reasons.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { keep, launch, mustHold, openPage, settle, words } from "./browser.mjs";
import { everyLook } from "./looks.mjs";
import { startServer } from "./server.mjs";

let server;
let browser;
let person;

before(async () => {
  server = await startServer({ simulated: true });
  browser = await launch();
  const list = await (await fetch(`${server.url}/v1/risk/people?band=high&limit=3`)).json();
  person = list.people[0];
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

everyLook(() => ({ browser, url: server.url }), [
  { name: "risk", path: () => "/risk", title: (w) => w.risk.title, proof: "tbody tr:nth-child(5)" },
  { name: "risk-segment", path: () => "/risk?segment=late-delivery-lapsed", title: (w) => w.risk.title, proof: "tbody tr:nth-child(5)" },
  { name: "predictions", path: () => "/predictions", title: (w) => w.predictions.title, proof: "main dl dd" },
  { name: "model", path: () => "/predictions/churn", title: (w) => w.predictions.kind.churn.name, proof: "main [role=img] svg path" },
  { name: "recommendations", path: () => `/recommendations?customer=${encodeURIComponent(person.id)}`, title: (w) => w.recommendations.title, proof: "main ol li" },
  { name: "foresight", path: () => `/customers/${encodeURIComponent(person.id)}?tab=foresight`, title: () => person.name || person.id, proof: "main [role=img] svg path" },
]);

test("from a finding to its people to one person's reasons, and what would change them", async () => {
  const { page, complaints, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/`);
    await settle(page);
    const overview = await (await fetch(`${server.url}/v1/overview`)).json();
    assert.ok(overview.findings.some((finding) => finding.customers > 0), "no finding with people");
    await page.locator("article a[href*='/customers']").first().click();
    await page.waitForURL(/\/customers\?/);
    await page.waitForSelector("tbody tr");
    await page.locator("tbody tr").first().click();
    await page.waitForURL(/\/customers\/[^?]+/);
    await page.getByRole("link", { name: words.en.profile.part.foresight }).click();
    await page.getByRole("heading", { name: words.en.foresight.waterfall.title }).waitFor();
    await page.goto(`${server.url}/`);
    await page.getByRole("heading", { name: words.en.finding.leaving_cause.title }).waitFor();
    await page.locator("article a[href*='/risk']").first().click();
    await page.waitForURL(/\/risk\?.*reason=/);
    await page.waitForSelector("tbody tr");
    await page.goto(`${server.url}/risk`);
    const reasons = await (await fetch(`${server.url}/v1/risk`)).json();
    const first = reasons.reasons.find((reason) => reason.kind === "cause") ?? reasons.reasons[0];
    await page.getByRole("button", { name: new RegExp(`^${first.labels.en}`) }).click();
    await page.waitForURL(new RegExp(`reason=${first.code}`));
    await page.waitForSelector("tbody tr");
    const row = page.locator("tbody tr").first();
    assert.match(await row.innerText(), new RegExp(first.labels.en));
    await row.getByRole("link").click();
    await page.waitForURL(/tab=foresight/);
    await page.getByRole("heading", { name: words.en.foresight.waterfall.title }).waitFor();
    const why = page.getByRole("region", { name: words.en.foresight.reasons, exact: true });
    assert.ok((await why.locator("li").count()) > 0, "no reasons");
    const lever = page.getByRole("slider").first();
    await lever.focus();
    await page.keyboard.press("End");
    await page.locator("p[role=status] del").waitFor();
    await keep(page, "foresight-whatif-en-light-1440");
    await mustHold(page, "what if", { values: [person.id] });
    assert.deepEqual(complaints, []);
  } finally {
    await close();
  }
});

test("a segment is chosen, the chart says what drives it away, the list follows; the segment's page leads there", async () => {
  const { page, complaints, close } = await openPage(browser);
  const slug = "late-delivery-lapsed";
  try {
    const here = await (await fetch(`${server.url}/v1/risk?segment=${slug}`)).json();
    const listed = async (query) => (await (await fetch(`${server.url}/v1/risk/people?limit=1&${query}`)).json()).total;
    await page.goto(`${server.url}/risk`);
    await page.waitForSelector("tbody tr");
    await page.getByLabel(words.en.risk.segment, { exact: true }).selectOption(slug);
    await page.waitForURL(new RegExp(`segment=${slug}`));
    await page.getByText(here.sentences.en).waitFor();
    const why = page.getByRole("region", { name: words.en.risk.reasons.title });
    await why.getByText(here.drives.en).waitFor();
    assert.match(here.drives.en, /^Late delivery: the first reason of/);
    await why.getByText(words.en.risk.reasons.oftener).first().waitFor();
    const people = page.getByRole("region", { name: words.en.risk.people.title });
    const count = (n) => people.getByText(`${n.toLocaleString("en")} customer${n === 1 ? "" : "s"}`, { exact: true });
    await count(await listed(`segment=${slug}`)).waitFor();
    await why.getByRole("button", { name: /^Late delivery/ }).click();
    await page.waitForURL(/reason=late_delivery/);
    // As many as the chart counts, for both are of those whose risk is medium or high.
    await count(here.reasons.find((reason) => reason.code === "late_delivery").customers).waitFor();
    await why.getByRole("button", { name: words.en.chart.showTable }).click();
    await why.getByRole("columnheader", { name: words.en.risk.reasons.amongAll }).waitFor();
    await page.goto(`${server.url}/segments/${slug}`);
    await page.getByRole("link", { name: words.en.segments.whyLeave }).click();
    await page.waitForURL(new RegExp(`/risk\\?segment=${slug}`));
    await page.getByText(here.drives.en).waitFor();
    await page.locator(`main a[href*='/segments/${slug}']`).waitFor();
    assert.deepEqual(complaints, []);
  } finally {
    await close();
  }
});

test("a model's pictures are tables too, and an older version can speak again", async () => {
  const { page, complaints, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/predictions`);
    await page.getByRole("link", { name: words.en.predictions.look }).first().click();
    await page.waitForURL(/\/predictions\/churn/);
    const reliability = page.getByRole("region", { name: words.en.predictions.reliability.title });
    await reliability.getByRole("button", { name: words.en.chart.showTable }).click();
    await reliability.getByRole("columnheader", { name: words.en.predictions.actual }).waitFor();
    await page.getByRole("button", { name: words.en.predictions.retrain }).click();
    await page.getByText(words.en.predictions.trained).waitFor({ timeout: 120_000 });
    const before = (await (await fetch(`${server.url}/v1/models/churn`)).json()).version;
    await page.getByRole("button", { name: words.en.predictions.useThis }).last().click();
    await page.waitForFunction(async (was) => (await (await fetch("/v1/models/churn")).json()).version !== was, before);
    assert.deepEqual(complaints, []);
  } finally {
    await close();
  }
});

test("what leaving means can be changed, and training again keeps it", async () => {
  const { page, complaints, close } = await openPage(browser);
  const definition = async () => (await (await fetch(`${server.url}/v1/models/churn`)).json()).definition;
  try {
    const before = await definition();
    await page.goto(`${server.url}/predictions/churn`);
    await page.getByText(words.en.predictions.change.title).click();
    const days = before.horizon_days === 60 ? 90 : 60;
    await page.getByLabel(words.en.predictions.change.horizon).selectOption(String(days));
    await page.locator("details").getByRole("button", { name: words.en.predictions.retrain }).click();
    const deadline = Date.now() + 120_000;
    while ((await definition()).horizon_days !== days) {
      assert.ok(Date.now() < deadline, "not trained in two minutes");
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    assert.equal((await definition()).proposed, false);
    await page.reload();
    await page.getByText(words.en.predictions.change.title).click();
    assert.equal(await page.getByLabel(words.en.predictions.change.horizon).inputValue(), String(days));
    assert.deepEqual(complaints, []);
  } finally {
    await close();
  }
});
