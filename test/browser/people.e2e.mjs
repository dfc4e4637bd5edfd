// A person: by what she is known, how two become one and two again, what she agreed to, what she does now, and her end.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { keep, launch, mustHold, openPage, words } from "./browser.mjs";
import { sender } from "./live.mjs";
import { everyLook } from "./looks.mjs";
import { startServer } from "./server.mjs";

const w = words.en;
let server;
let browser;
let send;

const said = (type, messageId, more) => ({ type, messageId, ...more });

before(async () => {
  server = await startServer({ simulated: true });
  browser = await launch();
  send = await sender(server.url, "App");
  await send([
    said("identify", "kim-1", { userId: "kim", anonymousId: "phone-of-kim", traits: { name: "Kim Seo-yeon", email: "kim@example.com", phone: "+821024242424", plan: "gold", birthday: "1991-04-02" } }),
    ...Array.from({ length: 12 }, (_, n) => said("track", `kim-v${n}`, { userId: "kim", event: "Product Viewed", properties: { product_id: `P${n}`, name: "Cica Balm", price: 18500, currency: "KRW" } })),
    said("track", "kim-o1", { userId: "kim", event: "Order Completed", properties: { order_id: "L-1", revenue: 42000, currency: "KRW", products: [{ product_id: "P1", name: "Cica Balm", quantity: 2, price: 21000 }] } }),
    said("track", "kim-c1", { userId: "kim", event: "Consent Given", properties: { purpose: "marketing", channel: "email", proof: "newsletter form" } }),
    said("track", "till-1", { context: { externalIds: [{ type: "pos", id: "00481516", collection: "users", encoding: "none" }] }, anonymousId: "till", event: "Store Visited" }),
    said("identify", "lee-1", { userId: "lee", traits: { name: "Lee Jun-ho", email: "lee@example.com" } }),
  ]);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const screens = [
  { name: "person-timeline", path: "/customers/user:kim?tab=timeline", proof: "main ol li button" },
  { name: "person-identity", path: "/customers/user:kim?tab=identity", proof: "main tbody tr" },
  { name: "person-consent", path: "/customers/user:kim?tab=consent", proof: "main tbody td button" },
  { name: "duplicates", path: "/customers/duplicates", proof: "h1" },
  { name: "settings-identity", path: "/settings/identity", proof: "main ol li", values: ["undefined", "NaN", "[object Object]", "[object object]"] },
  { name: "settings-retention", path: "/settings/retention", proof: "main h2" },
  { name: "settings-erasures", path: "/settings/erasures", proof: "main h2" },
];

everyLook(() => ({ browser, url: server.url }), screens);

test("what she does now slides into her timeline, beside her orders", async () => {
  const { page, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/customers/email:kim@example.com?tab=timeline`);
    await page.getByText(w.live.line.open, { exact: true }).waitFor();
    await page.getByRole("button", { name: /Order Completed/ }).waitFor();
    assert.equal(await page.getByRole("heading", { level: 1 }).innerText(), "Kim Seo-yeon");
    await send([said("track", "kim-now", { userId: "kim", event: "Review Written", properties: { title: "Lovely" } })]);
    await page.getByRole("button", { name: /Review Written Lovely/ }).waitFor();
  } finally {
    await close();
  }
});

test("two people become one after a preview, and two again", async () => {
  const { page, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/customers/user:kim?tab=identity`);
    await page.getByRole("button", { name: w.identity.mergeWith }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(/^Merge .* with$/).fill("pos:00481516");
    await dialog.getByText(w.merge.identities).waitFor();
    await page.waitForTimeout(300);
    await keep(page, "merge-preview-en-light-1440");
    await mustHold(page, "merge preview");
    const act = dialog.getByRole("button", { name: w.merge.do, exact: true });
    assert.ok(await act.isDisabled(), "a merge wants a reason");
    await dialog.getByLabel(w.merge.whyLabel).fill("card shown with her phone");
    await act.click();
    await dialog.waitFor({ state: "detached" });
    await page.getByText("00481516").first().waitFor();
    const row = page.getByRole("row").filter({ hasText: "card shown with her phone" });
    await row.getByRole("button", { name: w.merge.undo }).click();
    await page.getByRole("dialog").getByLabel(w.merge.whyLabel).fill("it was her sister's card");
    await page.getByRole("dialog").getByRole("button", { name: w.merge.undo, exact: true }).click();
    await page.getByRole("row").filter({ hasText: "card shown with her phone" }).getByText(/^undone/).waitFor();
  } finally {
    await close();
  }
});

test("consent is written down with its source and proof", async () => {
  const { page, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/customers/user:kim?tab=consent`);
    const cell = page.getByRole("row").filter({ hasText: w.consent.purpose.marketing }).getByRole("button").nth(1);
    assert.match(await cell.innerText(), /not known/);
    await cell.click();
    await page.getByLabel(w.consent.source).fill("phone call");
    await page.getByLabel(w.consent.proof).fill("said yes on 3 March");
    await page.getByRole("button", { name: w.consent.record }).click();
    await page.getByRole("row").filter({ hasText: w.consent.purpose.marketing }).getByRole("button").nth(1).getByText(w.consent.state.given).waitFor();
    const { consents } = await (await fetch(`${server.url}/v1/customers/user:kim`)).json();
    assert.deepEqual(consents.filter((c) => c.channel === "sms").map((c) => [c.state, c.source, c.proof]), [["given", "phone call", "said yes on 3 March"]]);
  } finally {
    await close();
  }
});

test("a person is exported, and erased only after her name is typed; the receipt stays", async () => {
  const { page, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/customers/user:lee?tab=consent`);
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: w.privacy.export }).click()]);
    assert.match(file.suggestedFilename(), /\.zip$/);
    await page.getByRole("button", { name: w.privacy.erase }).click();
    const dialog = page.getByRole("dialog");
    const act = dialog.getByRole("button", { name: w.privacy.eraseDo });
    await dialog.getByLabel(w.merge.whyLabel).fill("asked for it by e-mail");
    assert.ok(await act.isDisabled());
    await dialog.getByLabel("Type lee to confirm").fill("lee");
    await act.click();
    await dialog.getByText(w.privacy.erasedMeaning).waitFor();
    await keep(page, "erased-en-light-1440");
    await mustHold(page, "receipt");
    assert.equal((await fetch(`${server.url}/v1/customers/user:lee`)).status, 404);
    await page.goto(`${server.url}/settings/erasures`);
    await page.getByRole("button", { name: w.erasures.receipt }).first().click();
    await page.getByRole("dialog").getByText("asked for it by e-mail").waitFor();
  } finally {
    await close();
  }
});

test("retention and identity rules are kept", async () => {
  const { page, close } = await openPage(browser);
  try {
    await page.goto(`${server.url}/settings/retention`);
    await page.getByRole("button", { name: w.retention.add }).click();
    await page.getByRole("textbox", { name: w.live.column.event }).fill("Product Viewed");
    await page.getByLabel(w.retention.days).fill("90");
    await page.getByRole("button", { name: w.builder.save }).click();
    await page.waitForResponse((r) => r.url().endsWith("/v1/retention") && r.request().method() === "GET").catch(() => undefined);
    assert.deepEqual((await (await fetch(`${server.url}/v1/retention`)).json()).rules, [{ event: "Product Viewed", days: 90 }]);
    await page.goto(`${server.url}/settings/identity`);
    const blocked = page.getByRole("textbox", { name: w.identityRules.blocked });
    await blocked.or(page.getByRole("combobox", { name: w.identityRules.blocked })).fill("guest@shop.example");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: w.builder.save }).click();
    await page.getByRole("button", { name: "Remove guest@shop.example" }).waitFor();
    for (let n = 0; n < 20; n++) {
      if ((await (await fetch(`${server.url}/v1/identity-rules`)).json()).blocked.includes("guest@shop.example")) return;
      await new Promise((done) => setTimeout(done, 100));
    }
    assert.fail("the blocked value was not kept");
  } finally {
    await close();
  }
});
