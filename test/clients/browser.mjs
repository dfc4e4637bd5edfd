// The client for browsers, in Chromium, on a page of another site than the server's. Arguments: the address of the page,
// the server as the page sees it, the write key, "plain" or "batching".
import { createRequire } from "node:module";

const [pageURL, server, writeKey, delivery] = process.argv.slice(2);
const { chromium } = createRequire(new URL("../../web/package.json", import.meta.url))("playwright-core");

const browser = await chromium.launch({
  executablePath: process.env.DANGOL_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
});
const complaints = [];
try {
  const page = await browser.newPage();
  page.on("pageerror", (e) => complaints.push("exception: " + e.message));
  page.on("console", (m) => {
    // The refusals and the lost answers are told there, too; they are wanted.
    if (m.type() === "error" && !/status of (429|503)/.test(m.text())) complaints.push("console: " + m.text());
  });
  await page.goto(`${pageURL}/?name=browser-${delivery}`);
  await page.evaluate(
    async ({ server, writeKey, delivery }) => {
      const name = "browser-" + delivery;
      const user = name + "-user";
      const options = delivery === "batching" ? { integrations: { "Segment.io": { deliveryStrategy: { strategy: "batching", config: { size: 10, timeout: 300 } } } } } : {};
      // The host of the CDN is all that it is told.
      const analytics = window.AnalyticsNext.AnalyticsBrowser.load({ writeKey, cdnURL: server }, options);
      analytics.setAnonymousId(name + "-anonymous");
      await analytics.track("Visited", {}, { context: { locale: "ko-KR" }, timestamp: new Date("2024-05-01T10:00:00.123Z") });
      await analytics.identify(user, { email: `kim@${name}.example`, phone: "+82 10-1234-5678", name: "김민지", plan: "gold", age: 34 });
      await analytics.track("Order Completed", {
        order_id: name + "-1", revenue: 39.9, currency: "USD", products: [{ product_id: "SKU-1", quantity: 2 }], note: 'ขอบคุณ 🎁 "quoted" \\ back',
      });
      await analytics.page("Docs", "Home", { path: "/home" });
      await analytics.screen("Cart", { items: 3 });
      await analytics.group(name + "-org", { name: "Acme", employees: 30, email: "info@acme.example" });
      await analytics.alias(user, name + "-before");
      await Promise.all(Array.from({ length: 40 }, (_, n) => analytics.track("Bulk", { n })));
    },
    { server, writeKey, delivery },
  );
  // What was refused is sent again after a while; the test's server counts.
  const until = Date.now() + 60_000;
  while ((await (await fetch(`${pageURL}/arrived`)).text()) !== "yes") {
    if (Date.now() > until) throw new Error("not all events arrived");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
} finally {
  await browser.close();
}
if (complaints.length > 0) {
  console.error(complaints.join("\n"));
  process.exit(1);
}
