import { expect, test } from "vitest";

import { fieldsFor, patchOf } from "./mending";

test("a reason asks for the fields that would mend it", () => {
  expect(fieldsFor("event.no_identity").map((f) => f.path)).toEqual(["userId", "anonymousId"]);
  expect(fieldsFor("too_large")).toEqual([]);
});

test("a patch is nested by its paths and leaves out what is empty", () => {
  const patch = patchOf([
    { path: "userId", kind: "text", value: " 0042 " }, { path: "anonymousId", kind: "text", value: " " },
    { path: "properties.revenue", kind: "text", value: "12.50" }, { path: "properties.order_id", kind: "text", value: "981" },
    { path: "properties.products", kind: "text", value: '[{"name":"Cica"}]' }, { path: "properties.note", kind: "text", value: "{broken" },
  ]);
  expect(patch).toEqual({ userId: "0042", properties: { revenue: 12.5, order_id: "981", products: [{ name: "Cica" }], note: "{broken" } });
});

test("a time is an instant, and no path reaches where it should not", () => {
  expect(patchOf([{ path: "timestamp", kind: "time", value: "2026-03-01T10:00:00Z" }])).toEqual({ timestamp: "2026-03-01T10:00:00.000Z" });
  expect(patchOf([{ path: "timestamp", kind: "time", value: "", drop: true }])).toEqual({ timestamp: null });
  expect(patchOf([{ path: "__proto__.polluted", kind: "text", value: "x" }])).toEqual({});
});
