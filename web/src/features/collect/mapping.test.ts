import { expect, test } from "vitest";

import type { Preview } from "../../api/types";
import { cleaned, reasonKey, withRole } from "./mapping";

const preview = { columns: [{ index: 1, header: "id", role: "order" }, { index: 2, header: "who", role: "customer" }] } as unknown as Preview;

test("a new role replaces the one found, and the old role stays unfilled", () => {
  expect(withRole({}, preview, 1, "customer")).toEqual({ columns: { order: "-", customer: "1" } });
});

test("taking a role away tells the server so", () => {
  expect(withRole({}, preview, 1, "")).toEqual({ columns: { order: "-" } });
});

test("a second thought leaves nothing of the first", () => {
  const first = withRole({}, preview, 1, "product");
  const shown = { columns: [{ index: 1, header: "id", role: "product" }] } as unknown as Preview;
  expect(withRole(first, shown, 1, "order")).toEqual({ columns: { order: "1", product: "-" } });
});

test("what is not set is not sent", () => {
  expect(cleaned({ columns: {}, date_format: "", decimal_comma: null })).toEqual({});
  expect(cleaned({ tz: "Asia/Seoul", decimal_comma: false })).toEqual({ tz: "Asia/Seoul", decimal_comma: false });
});

test("a reason's key is its last part", () => {
  expect(reasonKey("collect.ambiguous_date")).toBe("ambiguous_date");
  expect(reasonKey("free_line")).toBe("free_line");
});
