import { expect, test } from "vitest";

import { eventMaps, mappingOf, pathsOf, rowAt } from "./hookrows";

const mapping = {
  signature: { header: "X-Hub-Signature", prefix: "sha256=" }, zone: "Asia/Seoul",
  events: [
    {
      topic: "order.*", when: [{ path: "$.state", op: "in", value: ["paid"] }], event: "Order Completed", user_id: "$.buyer.no", phone: "{{$.buyer.tel}}", external_ids: { line: "$.buyer.line" },
      properties: { order_id: "{{$.shop}}-{{$.no}}", revenue: { path: "$.amount", unit: "minor" }, channel: "pos", quantity: 1, code: { const: "$5" } },
    },
    { each: "$.visits[*]", type: "identify", user_id: "@.card" },
  ],
};

test("a mapping is read as rows and written as it was", () => {
  const maps = eventMaps(mapping);
  expect(maps.map((map) => [map.event, map.topic, map.each, map.type, map.rows.length])).toEqual([["Order Completed", "order.*", "", "track", 8], ["", "", "$.visits[*]", "identify", 1]]);
  expect(maps[0]?.rows.find((row) => row.target === "properties.code")).toEqual({ target: "properties.code", from: "const", value: "$5" });
  expect(maps[0]?.rows.find((row) => row.target === "properties.revenue")?.from).toBe("json");
  expect(mappingOf(mapping, maps)).toEqual(mapping);
});

test("rows without a field or a value are left out, and constants are what they look like", () => {
  const maps = [{ event: "X", topic: "", each: "", type: "track", rest: {}, rows: [
    { target: "properties.", from: "path" as const, value: "$.a" }, { target: "user_id", from: "path" as const, value: " " },
    { target: "properties.n", from: "const" as const, value: "12.5" }, { target: "properties.zip", from: "const" as const, value: "00420" }, { target: "properties.gift", from: "const" as const, value: "true" },
  ] }];
  expect(mappingOf(null, maps)).toEqual({ events: [{ event: "X", properties: { n: 12.5, zip: "00420", gift: true } }] });
  expect(eventMaps(null)).toEqual([]);
});

test("a sample offers its paths", () => {
  expect(pathsOf({ a: { b: 1 }, "odd key": "x", list: [{ c: 2 }, { c: 3 }] })).toEqual([
    { path: "$.a.b", value: "1" }, { path: "$['odd key']", value: "x" }, { path: "$.list[*]", value: "[2]" }, { path: "$.list[0].c", value: "2" },
  ]);
});

test("a fault leads to its row", () => {
  const maps = eventMaps(mapping);
  expect(rowAt("mapping.events[0].properties.revenue.unit", maps)).toEqual({ event: 0, target: "properties.revenue" });
  expect(rowAt("mapping.events[1].each", maps)).toEqual({ event: 1, target: "each" });
  expect(rowAt("mapping.zone", maps)).toBeNull();
});
