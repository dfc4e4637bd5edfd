// The stream and what feeds it: the screens in every look, then the walk from "add a source" to the first event seen, mended and filtered.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { keep, launch, mustHold, openPage, words } from "./browser.mjs";
import { quiet, sender } from "./live.mjs";
import { everyLook } from "./looks.mjs";
import { startServer } from "./server.mjs";

const w = words.en;
let server;
let browser;
let send;

before(async () => {
  server = await startServer({ simulated: true });
  browser = await launch();
  send = await sender(server.url, "Web shop");
  await send([
    ...Array.from({ length: 60 }, (_, n) => ({ type: "track", messageId: `seed-${n}`, userId: `visitor-${n % 7}`, event: ["Product Viewed", "Product Added", "Checkout Started"][n % 3], properties: { product_id: `P${n % 9}`, name: "Cica Balm", price: 18500, currency: "KRW", tags: ["skin", "calm"] } })),
    { type: "track", messageId: "seed-1", userId: "visitor-1", event: "Product Added" },
    { type: "track", messageId: "nobody-1", event: "Order Completed", properties: { order_id: "POS-1", revenue: 23000, currency: "KRW" } },
    { type: "track", messageId: "nobody-2", event: "Order Completed", properties: { order_id: "POS-2", revenue: 21000, currency: "KRW" } },
    { type: "track", messageId: "nameless", userId: "visitor-1", properties: { a: 1 } },
  ]);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const screens = [
  { name: "live", path: "/live", title: (l) => l.live.title, proof: "main ul li button" },
  { name: "live-quarantine", path: "/live/quarantine?reason=no_identity", title: (l) => l.live.title, proof: "main tbody tr" },
  { name: "live-dead-letters", path: "/live/dead-letters", title: (l) => l.live.title, proof: "main h2" },
  { name: "sources", path: "/sources", title: (l) => l.sources.title, proof: "main tbody tr" },
  { name: "source-new", path: "/sources/new?client=analyticsjs", title: (l) => l.wizard.title, proof: "[role=radio][aria-checked=true]" },
  { name: "settings-keys", path: "/settings", title: (l) => l.nav.settings, proof: "main tbody tr" },
];

everyLook(() => ({ browser, url: server.url }), screens);

test("a new source: choose, make the key, send, and see the first event arrive", async () => {
  const { page, complaints, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/sources`);
    await page.getByRole("link", { name: w.sources.add }).click();
    await page.getByRole("radio", { name: new RegExp(`^${w.wizard.client.http.name}`) }).click();
    await page.getByRole("textbox", { name: w.wizard.nameLabel }).fill("Till in Gangnam");
    await page.getByRole("button", { name: w.wizard.createKey }).click();
    await page.getByText(w.wizard.waiting).waitFor();
    const command = await page.getByRole("group", { name: "curl" }).innerText();
    const key = /-u "([^:"]+):"/.exec(command)?.[1];
    assert.ok(key, "the command holds the key");
    assert.ok(command.includes(server.url), "and the address of this server");
    const answer = await fetch(`${server.url}/v1/track`, { method: "POST", headers: { "Content-Type": "application/json", Authorization: `Basic ${btoa(`${key}:`)}` }, body: JSON.stringify({ userId: "42", event: "Product Viewed" }) });
    assert.equal(answer.status, 200);
    await page.getByText(w.wizard.seen).waitFor();
    await keep(page, "source-seen-en-light-1440");
    await mustHold(page, "first event seen");
    await page.getByRole("link", { name: w.wizard.watch }).click();
    await page.waitForURL(/\/live\?source=/);
    await page.getByRole("button", { name: /Product Viewed/ }).first().waitFor();
    assert.deepEqual(quiet(complaints), []);
  } finally {
    await close();
  }
});

test("the stream flows, pauses with a count, filters by the address, and opens an event", async () => {
  const { page, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/live`);
    await page.getByText(w.live.line.open, { exact: true }).first().waitFor();
    await send([{ type: "track", messageId: "flow-1", userId: "visitor-1", event: "Wishlist Opened", properties: { list: { name: "birthday", items: 3 } } }]);
    await page.getByRole("button", { name: /Wishlist Opened/ }).waitFor();
    await page.getByRole("button", { name: w.live.pause, exact: true }).click();
    await send([1, 2, 3].map((n) => ({ type: "track", messageId: `held-${n}`, userId: "visitor-2", event: "Coupon Shown" })));
    const fresh = page.getByRole("button", { name: /^3 new$/ });
    await fresh.waitFor();
    assert.equal(await page.getByRole("button", { name: /Coupon Shown/ }).count(), 0);
    await fresh.click();
    assert.equal(await page.getByRole("button", { name: /Coupon Shown/ }).count(), 3);

    await page.getByRole("button", { name: /Wishlist Opened/ }).first().focus();
    await page.keyboard.press("Enter");
    const panel = page.getByRole("dialog");
    await panel.getByText("birthday", { exact: true }).waitFor();
    await panel.getByText("flow-1", { exact: true }).waitFor();
    await page.waitForTimeout(300);
    await keep(page, "live-event-en-light-1440");
    await mustHold(page, "an event");
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "detached" });

    await page.getByLabel(w.live.filter.fate).selectOption("quarantined");
    await page.waitForURL(/fate=quarantined/);
    await page.reload();
    assert.equal(await page.getByLabel(w.live.filter.fate).inputValue(), "quarantined");
    await page.getByText(w.trouble.no_identity.title).first().waitFor();
    assert.equal(await page.getByRole("button", { name: /Product Viewed/ }).count(), 0);
  } finally {
    await close();
  }
});

test("up and down move through the stream", async () => {
  const { page, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/live?name=Product%20Viewed`);
    const rows = page.locator("main ul li button");
    await rows.first().waitFor();
    await rows.first().focus();
    await page.keyboard.press("ArrowDown");
    await page.waitForFunction(() => document.activeElement?.dataset.at === "1");
    await page.keyboard.press("End");
    await page.waitForFunction(() => Number(document.activeElement?.dataset.at) > 10);
  } finally {
    await close();
  }
});

test("what was set aside is mended in a form and goes through", async () => {
  const { page, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/live/quarantine`);
    await page.getByRole("button", { name: w.trouble.no_identity.title }).click();
    await page.waitForURL(/reason=no_identity/);
    await page.getByLabel(w.mend.field.userId).fill("visitor-3");
    await page.getByRole("button", { name: /^Mend and replay all 2$/ }).click();
    await page.getByText("2 events went through.").waitFor();
    const events = async () => (await (await fetch(`${server.url}/v1/customers/user:visitor-3`)).json()).orders_total;
    for (let n = 0; n < 50 && (await events()) !== 2; n++) await new Promise((done) => setTimeout(done, 200));
    assert.equal(await events(), 2);
  } finally {
    await close();
  }
});

test("a webhook's mapping shows what becomes of a sample while one types", async () => {
  const { page, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/sources/new?client=generic`);
    await page.getByRole("textbox", { name: w.wizard.nameLabel }).fill("Loyalty till");
    await page.getByRole("button", { name: w.wizard.createHook }).click();
    await page.getByText(w.wizard.secretOnce).waitFor();
    const address = await page.getByRole("group", { name: w.wizard.address }).innerText();
    await page.goto(`${server.url}/sources/${address.trim().split("/").at(-1)}`);
    await page.getByRole("heading", { name: "Becomes 1 event" }).waitFor();
    await page.getByRole("textbox", { name: w.hook.sample, exact: true }).fill('{"id": "77", "customer": {"id": "9"}, "total": 500, "currency": "KRW", "shelf": "B2"}');
    await page.getByRole("button", { name: w.hook.addField }).click();
    await page.getByRole("textbox", { name: w.hook.field }).last().fill("properties.shelf");
    await page.getByRole("textbox", { name: w.hook.path }).last().fill("$.shelf");
    await page.keyboard.press("Tab");
    await page.getByRole("list", { name: w.hook.event }).getByText("B2").waitFor();
    await page.getByRole("button", { name: w.hook.saveMapping }).click();
    await page.getByText(w.settings.saved).waitFor();
    await keep(page, "hook-en-light-1440");
    await mustHold(page, "mapping");
  } finally {
    await close();
  }
});

test("a key is made with its scope and ended at once; who makes the first admin key stays inside", async () => {
  const { page, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/settings`);
    const make = async (name, scope) => {
      await page.getByRole("textbox", { name: w.keys.name }).fill(name);
      await page.getByLabel(w.keys.scope).selectOption(scope);
      await page.getByRole("button", { name: w.wizard.createKey }).click();
      await page.getByRole("row").filter({ hasText: name }).waitFor();
      return (await page.getByRole("group", { name: w.wizard.key, exact: true }).innerText()).trim();
    };
    await page.getByRole("textbox", { name: w.keys.name }).fill("report");
    await page.getByLabel(w.keys.scope).selectOption("read");
    await page.getByText(w.keys.firstAdmin).waitFor();
    assert.ok(await page.getByRole("button", { name: w.wizard.createKey }).isDisabled(), "a read key alone would lock the console");
    await make("owner", "admin");
    const secret = await make("nightly report", "read");
    const asked = async () => (await fetch(`${server.url}/v1/customers?limit=1`, { headers: { Authorization: `Bearer ${secret}` } })).status;
    assert.equal(await asked(), 200);
    await page.getByRole("row").filter({ hasText: "nightly report" }).getByRole("button", { name: w.keys.revoke }).click();
    await page.getByRole("dialog").getByRole("button", { name: w.keys.revoke }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.equal(await asked(), 401);
  } finally {
    await close();
  }
});
