// The browser snippet in Chromium: pages of one site, with the script and the collector on another, which writes down what is called.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";

import { launch } from "./browser.mjs";

const script = readFileSync(new URL("../../web/snippet/dangol.js", import.meta.url));

/** A collector: it answers what `status` says, and keeps every event it was sent, once for each id as Dangol does. */
async function collector() {
  const c = { events: [], bodies: [], status: 200, header: {} };
  const server = http.createServer((request, response) => {
    if (request.url.startsWith("/dangol.js")) {
      response.writeHead(200, { "Content-Type": "text/javascript" }).end(script);
      return;
    }
    let text = "";
    request.on("data", (part) => (text += part));
    request.on("end", () => {
      const body = text ? JSON.parse(text) : {};
      c.bodies.push({ ...body, path: request.url, method: request.method, type: request.headers["content-type"] });
      if (c.status === 200) c.events.push(...(body.batch ?? []).filter((e) => !c.events.some((known) => known.messageId === e.messageId)));
      response.writeHead(c.status, { "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After", ...c.header }).end("{}");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  c.origin = `http://127.0.0.1:${server.address().port}`;
  c.close = () => new Promise((done) => { server.closeAllConnections(); server.close(done); });
  /** Waits until so many events have come that are what is asked for. */
  c.until = async (count, what = () => true) => {
    for (let i = 0; i < 200; i++) {
      const found = c.events.filter(what);
      if (found.length >= count) return found;
      await new Promise((next) => setTimeout(next, 25));
    }
    assert.fail(`waited for ${count} events, got ${JSON.stringify(c.events.map((e) => [e.type, e.event]))}`);
  };
  return c;
}

/** A site whose every path is one page with the snippet. */
async function site(attributes, inline) {
  const server = http.createServer((_, response) => {
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
    response.end(`<!doctype html><title>Shop</title><script>window.dangol=window.dangol||[];${inline}</script><script async ${attributes}></script><a href="/two">two</a>`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }) };
}

describe("the browser snippet", () => {
  let browser, c, shop, context;
  before(async () => { browser = await launch(); });
  after(() => browser.close());
  beforeEach(async () => { c = await collector(); context = await browser.newContext({ locale: "ko-KR", timezoneId: "Asia/Seoul" }); });
  afterEach(async () => { await context.close(); await shop?.close(); await c.close(); });

  const open = async (attributes = "", path = "/?utm_source=news&utm_campaign=may", inline = "") => {
    shop = await site(`src="${c.origin}/dangol.js" data-key="dgl_test" ${attributes}`, inline);
    const page = await context.newPage();
    await page.goto(shop.origin + path);
    await page.waitForFunction(() => window.dangol && !Array.isArray(window.dangol));
    return page;
  };
  const kept = (page) => page.evaluate(() => ({ storage: Object.keys(localStorage).sort(), cookies: document.cookie }));
  const quiet = () => new Promise((done) => setTimeout(done, 700)); // longer than the snippet waits before it sends

  it("tells a page view and what was pushed before it had loaded", async () => {
    const page = await open("", undefined, "dangol.push(['identify','42',{plan:'gold'}]);dangol.push(['track','Signed Up',{from:'menu'}])");
    const [view, who, signed] = await c.until(3);
    assert.equal(view.type, "page");
    assert.equal(view.properties.title, "Shop");
    assert.equal(view.properties.path, "/");
    assert.equal(view.context.page.url, page.url());
    assert.deepEqual(view.context.campaign, { source: "news", name: "may" });
    assert.equal(view.context.locale, "ko-KR");
    assert.equal(view.context.timezone, "Asia/Seoul");
    assert.equal(who.type, "identify");
    assert.deepEqual([who.userId, who.traits], ["42", { plan: "gold" }]);
    assert.deepEqual([signed.event, signed.properties, signed.userId], ["Signed Up", { from: "menu" }, "42"]);
    for (const e of [view, who, signed]) {
      assert.ok(e.anonymousId && e.anonymousId === view.anonymousId && e.messageId.startsWith("dgl-"));
      assert.ok(Math.abs(Date.parse(e.timestamp) - Date.now()) < 60_000);
    }
    assert.equal(new Set([view, who, signed].map((e) => e.messageId)).size, 3);
    assert.deepEqual([c.bodies[0].path, c.bodies[0].method, c.bodies[0].writeKey, c.bodies[0].type], ["/v1/batch", "POST", "dgl_test", "text/plain"]);
    assert.ok(c.bodies[0].sentAt);
    assert.equal(await page.evaluate(() => localStorage.getItem("dgl_a")), view.anonymousId);
  });

  it("keeps who she is from page to page, and forgets it on reset", async () => {
    const page = await open();
    await page.evaluate(() => window.dangol.identify("42"));
    await c.until(2);
    await page.click("a");
    const [, , next] = await c.until(3);
    assert.deepEqual([next.type, next.userId, next.anonymousId, next.properties.referrer], ["page", "42", c.events[0].anonymousId, `${shop.origin}/?utm_source=news&utm_campaign=may`]);
    await page.evaluate(() => { window.dangol.reset(); window.dangol.track("After"); });
    const [after] = await c.until(1, (e) => e.event === "After");
    assert.equal(after.userId, undefined);
    assert.notEqual(after.anonymousId, next.anonymousId);
    await page.evaluate(() => { window.dangol.identify("7"); window.dangol.identify("8"); });
    const [seven, eight] = await c.until(2, (e) => e.type === "identify" && e.userId !== "42");
    assert.notEqual(seven.anonymousId, eight.anonymousId, "another person at the same browser is another visitor");
  });

  it("follows a page that changes without loading", async () => {
    const page = await open("", "/one");
    await c.until(1);
    await page.evaluate(() => { history.pushState({}, "", "/two?a=1"); document.title = "Two"; });
    const [, two] = await c.until(2);
    assert.deepEqual([two.properties.path, two.properties.search, two.properties.title, two.properties.referrer], ["/two", "?a=1", "Two", `${shop.origin}/one`]);
    await page.evaluate(() => { history.replaceState({ x: 1 }, ""); location.hash = "part"; });
    await quiet();
    assert.equal(c.events.length, 2, "neither a state nor a hash is a page");
    await page.goBack();
    await page.goBack();
    const [, , back] = await c.until(3);
    assert.deepEqual([back.properties.path, back.properties.referrer], ["/one", `${shop.origin}/two?a=1`]);
  });

  it("stores and sends nothing before consent, then tells what it held", async () => {
    const page = await open(`data-consent="required"`, "/one", "dangol.push(['track','Early'])");
    await page.evaluate(() => { window.dangol.identify("42"); window.dangol.track("Later"); });
    await quiet();
    assert.deepEqual([c.bodies, await kept(page)], [[], { storage: [], cookies: "" }]);
    await page.evaluate(() => window.dangol.consent(true));
    const told = await c.until(4);
    assert.deepEqual(told.map((e) => e.event ?? e.type), ["page", "Early", "identify", "Later"]);
    assert.ok(told.every((e) => e.anonymousId === told[0].anonymousId && e.anonymousId));
    await page.reload();
    await c.until(6); // the answer is remembered: another page view, another Early
    await page.evaluate(() => { window.dangol.consent(false); window.dangol.track("Never"); });
    await quiet();
    assert.equal(c.events.length, 6);
    assert.deepEqual(await kept(page), { storage: [], cookies: "" });
    await page.reload();
    await quiet();
    assert.equal(c.events.length, 6);
  });

  it("drops what it held when she refuses", async () => {
    const page = await open(`data-consent="required"`);
    await page.evaluate(() => { window.dangol.consent(false); window.dangol.consent(true); window.dangol.track("Only this"); });
    assert.deepEqual((await c.until(1)).map((e) => e.event), ["Only this"]);
  });

  it("remembers a refusal where nobody need ask", async () => {
    const page = await open();
    await c.until(1);
    await page.evaluate(() => window.dangol.consent(false));
    await page.reload();
    await quiet();
    assert.equal(c.events.length, 1);
    assert.deepEqual((await kept(page)).storage, ["dgl_c"]);
  });

  for (const [name, init] of [
    ["Do-Not-Track", () => Object.defineProperty(Navigator.prototype, "doNotTrack", { get: () => "1" })],
    ["Global Privacy Control", () => Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { get: () => true })],
  ]) {
    it(`respects ${name}, until she says otherwise on this site`, async () => {
      await context.addInitScript(init);
      const page = await open();
      await page.evaluate(() => window.dangol.track("Silent"));
      await quiet();
      assert.deepEqual([c.bodies, await kept(page)], [[], { storage: [], cookies: "" }]);
      await page.evaluate(() => window.dangol.consent(true));
      await c.until(2);
    });
  }

  it("sends again what did not arrive, under the same id", async () => {
    c.status = 503;
    const page = await open();
    await page.evaluate(() => window.dangol.track("Stubborn"));
    while (c.bodies.filter((b) => b.batch.some((e) => e.event === "Stubborn")).length < 2) await new Promise((next) => setTimeout(next, 50));
    c.status = 200;
    const [got] = await c.until(1, (e) => e.event === "Stubborn");
    const ids = c.bodies.flatMap((b) => b.batch).filter((e) => e.event === "Stubborn").map((e) => e.messageId);
    assert.ok(ids.length >= 3 && ids.every((id) => id === got.messageId));
  });

  it("waits as long as the server asks", async () => {
    c.status = 429;
    c.header = { "Retry-After": "2" };
    await open();
    while (c.bodies.length < 1) await new Promise((next) => setTimeout(next, 20));
    c.status = 200;
    const refused = Date.now();
    await c.until(1);
    assert.ok(Date.now() - refused >= 900, "it came back too soon");
  });

  it("drops what the server will never take, and goes on", async () => {
    c.status = 400;
    const page = await open();
    while (c.bodies.length < 1) await new Promise((next) => setTimeout(next, 20));
    await quiet();
    c.status = 200;
    await page.evaluate(() => window.dangol.track("Next"));
    assert.deepEqual((await c.until(1)).map((e) => e.event), ["Next"]);
  });

  it("keeps what happens offline for the next page", async () => {
    const page = await open("", "/one");
    await c.until(1);
    await context.setOffline(true);
    await page.evaluate(() => { window.dangol.track("Offline 1"); window.dangol.track("Offline 2"); });
    await quiet();
    const waiting = await page.evaluate(() => Object.keys(localStorage).filter((k) => k.startsWith("dgl_q_")).length);
    assert.equal(waiting, 1);
    await page.close();
    await context.setOffline(false);
    const next = await context.newPage();
    await next.goto(shop.origin + "/two");
    const told = await c.until(2, (e) => e.event?.startsWith("Offline"));
    assert.deepEqual(told.map((e) => e.event), ["Offline 1", "Offline 2"]);
    await next.waitForFunction(() => !Object.keys(localStorage).some((k) => k.startsWith("dgl_q_")));
  });

  it("hands over what waits when the page is left", async () => {
    const page = await open("", "/one");
    await c.until(1);
    await page.evaluate(() => { window.dangol.track("Leaving"); location.href = "/two"; });
    const [left] = await c.until(1, (e) => e.event === "Leaving");
    assert.equal(left.context.page.path, "/one");
    await quiet();
    assert.equal(c.events.filter((e) => e.event === "Leaving").length, 1);
  });

  it("sends much in pieces, and nothing that is too large", async () => {
    const page = await open("", "/one");
    await page.evaluate(() => {
      for (let i = 0; i < 130; i++) window.dangol.track("Many", { i, filler: "x".repeat(3000) });
      window.dangol.track("Huge", { filler: "x".repeat(40_000) });
    });
    const many = await c.until(130, (e) => e.event === "Many");
    assert.deepEqual(many.map((e) => e.properties.i), [...Array(130).keys()]);
    assert.ok(c.bodies.every((b) => b.batch.length <= 50));
    assert.equal(c.events.filter((e) => e.event === "Huge").length, 0);
  });

  it("works where storage is forbidden: by a cookie, else as long as the page lasts", async () => {
    await context.addInitScript(() => Object.defineProperty(window, "localStorage", { get: () => { throw new DOMException("no", "SecurityError"); } }));
    const page = await open("", "/one");
    await c.until(1);
    assert.match(await page.evaluate(() => document.cookie), /dgl_a=[0-9a-f]{32}/);
    await page.goto(shop.origin + "/two");
    const [one, two] = await c.until(2);
    assert.equal(one.anonymousId, two.anonymousId);
  });

  it("takes its settings from a call", async () => {
    const page = await open(`data-key="" data-page="on"`, "/one", `dangol.push(["track","Early"],["init",{key:"dgl_called",page:false,host:"${c.origin}/"}])`);
    await page.evaluate(() => window.dangol.track("Late"));
    assert.deepEqual((await c.until(2)).map((e) => e.event), ["Early", "Late"]);
    assert.ok(c.bodies.every((b) => b.writeKey === "dgl_called"));
  });

  it("leaves page views to the site where it says so, and does not start twice", async () => {
    const page = await open(`data-page="off"`);
    await page.addScriptTag({ url: `${c.origin}/dangol.js` });
    await page.evaluate(() => window.dangol.page("Landing", { variant: "b" }));
    const [view] = await c.until(1);
    assert.deepEqual([view.name, view.properties.variant, view.properties.title], ["Landing", "b", "Shop"]);
    await page.evaluate(() => { window.dangol.group("acme", { plan: "pro" }); window.dangol.push(["track", "By push"]); });
    const [, team] = await c.until(3);
    assert.deepEqual([team.type, team.groupId, team.traits], ["group", "acme", { plan: "pro" }]);
  });
});
