// From an event to a segment: build it from nothing, see the count follow, save it, see somebody enter it, and ask why.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { keep, launch, mustHold, openPage, words } from "./browser.mjs";
import { quiet, sender } from "./live.mjs";
import { everyLook } from "./looks.mjs";
import { startServer } from "./server.mjs";

const w = words.en;
const rule = {
  and: [
    { did: "Product Viewed", times: { ">=": 2 }, where: [{ property: "category", op: "in", value: ["skin", "sun"] }], window: { last: "30d" } },
    { or: [{ trait: { take: "sum", of: "Product Added", property: "price", window: { last: "30d" } }, op: ">=", value: 1000 }, { not: { market: ["DE"] } }] },
    { sequence: [{ did: "Product Viewed" }, { did_not: "Order Completed" }], window: { last: "30d" } },
  ],
};

let server;
let browser;
let send;

const post = (path, body) => fetch(`${server.url}${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

before(async () => {
  server = await startServer({ simulated: true });
  browser = await launch();
  send = await sender(server.url, "Web shop");
  await send(Array.from({ length: 60 }, (_, n) => ({ type: "track", messageId: `seed-${n}`, userId: `visitor-${n % 12}`, event: n % 4 === 3 ? "Product Added" : "Product Viewed", properties: { product_id: `P${n % 9}`, category: n % 2 ? "skin" : "sun", price: 18500 } })));
  await send([{ type: "identify", messageId: "i-1", userId: "visitor-1", traits: { name: "Kim", plan: "gold" } }]);
  const made = await post("/v1/segments", { id: "browsers", name: "Lookers", description: "Looked twice and did not buy.", rule });
  assert.equal(made.status, 201, await made.text());
  assert.equal((await post("/v1/segments", { id: "guests", name: "Guests", kind: "manual" })).status, 201);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const screens = [
  { name: "segments", path: "/segments", proof: "article h2 a[href*='browsers']" },
  { name: "segment-rule", path: "/segments/browsers", proof: "main tbody tr" },
  { name: "segment-edit", path: "/segments/browsers/edit", proof: "main [data-handle]" },
  { name: "segment-new", path: "/segments/new", proof: "main [role=group]" },
  { name: "settings-traits", path: "/settings/traits", proof: "main h2" },
];

everyLook(() => ({ browser, url: server.url }), screens);

async function add(page, kind) {
  await page.getByRole("button", { name: w.builder.addCondition }).last().click();
  await page.getByRole("menuitem", { name: new RegExp(`^${w.builder.kind[kind].name}`) }).click();
}

test("a segment is built with the count following, saved, entered, and explains itself", async () => {
  const { page, complaints, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/segments`);
    await page.getByRole("link", { name: w.segments.new, exact: true }).click();
    await page.getByText(w.preview.empty).waitFor();
    const needs = (...words) => page.getByText(words.join(" "), { exact: true }).waitFor();
    await needs(w.builder.needs.name, w.builder.needs.rule);
    await add(page, "did");
    await page.getByText("1 condition is not finished and not counted.").waitFor();
    await needs(w.builder.needs.name, w.builder.needs.unfinished_one);
    await page.getByRole("textbox", { name: w.builder.event }).fill("Product Viewed");
    await page.keyboard.press("Enter");
    await page.getByText(/of 8,0\d\d people/).waitFor();
    await page.locator("[aria-live] p").first().getByText("9", { exact: true }).waitFor();
    await page.getByLabel(w.builder.timesCount).fill("5");
    await page.waitForFunction(() => !document.querySelector("main [aria-busy='true']"));
    await keep(page, "builder-count-en-light-1440");
    await mustHold(page, "builder");
    await needs(w.builder.needs.name);
    await page.getByRole("textbox", { name: w.builder.name }).fill("Five looks");
    await page.getByText(w.builder.needs.name).waitFor({ state: "detached" });
    await page.getByRole("button", { name: w.builder.save, exact: true }).click();
    await page.waitForURL(/\/segments\/five-looks$/);

    await send(Array.from({ length: 5 }, (_, n) => ({ type: "track", messageId: `new-${n}`, userId: "newcomer", event: "Product Viewed" })));
    await page.getByRole("link", { name: "newcomer" }).waitFor({ timeout: 30_000 });
    await page.getByRole("row").filter({ hasText: "newcomer" }).getByRole("button", { name: w.why.ask }).click();
    await page.getByText(/^now: 5/).waitFor();
    await keep(page, "why-en-light-1440");
    assert.deepEqual(quiet(complaints), []);
  } finally {
    await close();
  }
});

test("an unknown name is told at its row, with what may be meant", async () => {
  const { page, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/segments/new`);
    await add(page, "segment");
    await add(page, "did");
    await page.getByRole("switch").or(page.getByText(w.builder.viewJson, { exact: true })).last().click();
    await page.getByRole("textbox", { name: w.builder.viewJson }).fill('{"and":[{"market":["KR"]},{"trait":"ordrs","op":">=","value":2}]}');
    await page.waitForTimeout(600);
    await page.getByText(w.builder.viewBuilder, { exact: true }).click();
    const row = page.getByRole("group", { name: w.builder.kind.trait.name, exact: true });
    await row.getByRole("alert").getByText(/ordrs/).waitFor();
    await page.getByText(w.preview.broken).waitFor();
  } finally {
    await close();
  }
});

test("the keyboard moves a condition into a group and out again, and undo takes it back", async () => {
  const { page, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/segments/browsers/edit`);
    const handles = page.locator("[data-handle]");
    await handles.first().waitFor();
    const first = await handles.first().getAttribute("data-handle");
    await handles.first().focus();
    await page.keyboard.press("ArrowDown");
    await page.waitForFunction((id) => document.activeElement?.dataset.handle === id, first);
    const inside = await page.evaluate((id) => document.querySelector(`[data-handle="${id}"]`).closest("[role=group]:not([data-root])").parentElement.closest("[role=group]")?.getAttribute("aria-label"), first);
    assert.equal(inside, w.builder.any);
    await page.getByRole("button", { name: w.builder.undo }).click();
    assert.equal(await page.locator("[data-handle]").first().getAttribute("data-handle"), first);
  } finally {
    await close();
  }
});

test("people are put in by hand, a segment is locked, unlocked and archived", async () => {
  const { page, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/segments/guests`);
    await page.getByRole("textbox", { name: w.byhand.refs }).fill("user:visitor-1\nuser:nobody-at-all");
    await page.getByRole("button", { name: "Add 2" }).click();
    await page.getByText("1 added, 0 removed.").waitFor();
    await page.getByText("1 row names nobody and was left out.").waitFor();
    await page.getByRole("row", { name: /2 user:nobody-at-all nobody is known by that/ }).waitFor();
    await page.locator("input[type=file]").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from("name,id\nPark,visitor-2\n,\n") });
    await page.getByRole("row", { name: /3 – the row holds no identity/ }).waitFor();
    await page.getByRole("link", { name: "Kim" }).waitFor();
    await page.getByRole("button", { name: w.segments.more }).click();
    await page.getByRole("menuitem", { name: w.segments.lock }).click();
    await page.getByText(w.segments.locked).waitFor();
    await page.getByRole("button", { name: w.segments.more }).click();
    await page.getByRole("menuitem", { name: w.segments.unlock }).click();
    await page.getByText(w.segments.locked).waitFor({ state: "detached" });
    await page.getByRole("button", { name: w.segments.more }).click();
    await page.getByRole("menuitem", { name: w.segments.archive }).click();
    await page.getByRole("dialog").getByRole("button", { name: w.segments.archive }).click();
    await page.waitForURL(/\/segments$/);
    await page.getByText("1 archived segment").waitFor();
  } finally {
    await close();
  }
});
