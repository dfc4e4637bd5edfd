// The client for Node. Arguments: the folder of the clients, the host, the write key.
import { createRequire } from "node:module";

const [home, host, writeKey] = process.argv.slice(2);
const { Analytics } = createRequire(home + "/package.json")("@segment/analytics-node");

const analytics = new Analytics({ writeKey, host, flushAt: 15, flushInterval: 200, maxRetries: 10 });
const failures = [];
analytics.on("error", (e) => failures.push(String(e.reason ?? e.code)));

const userId = "node-user";
analytics.identify({ userId, anonymousId: "node-anonymous", traits: { email: "kim@node.example", phone: "+82 10-1234-5678", name: "김민지", plan: "gold", age: 34 } });
analytics.track({
  userId, event: "Order Completed",
  properties: { order_id: "node-1", revenue: 39.9, currency: "USD", products: [{ product_id: "SKU-1", quantity: 2 }], note: 'ขอบคุณ 🎁 "quoted" \\ back' },
});
analytics.page({ userId, category: "Docs", name: "Home", properties: { path: "/home" } });
analytics.screen({ userId, name: "Cart", properties: { items: 3 } });
analytics.group({ userId, groupId: "node-org", traits: { name: "Acme", employees: 30, email: "info@acme.example" } });
analytics.alias({ userId, previousId: "node-before" });
analytics.track({ anonymousId: "node-anonymous", event: "Visited", timestamp: new Date("2024-05-01T10:00:00.123Z"), context: { ip: "203.0.113.7", locale: "ko-KR" } });
for (let i = 0; i < 40; i++) analytics.track({ userId, event: "Bulk", properties: { n: i } });

await analytics.flush({ timeout: 60_000 });
if (failures.length > 0) {
  console.error("the client gave up:", failures.join("; "));
  process.exit(1);
}
