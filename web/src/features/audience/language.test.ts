import { expect, test } from "vitest";

import { begun, finished, kindOf, kinds, opsFor, refit, typedValue, valueShape } from "./language";

test("every kind begins as itself, and only consent and share are finished at once", () => {
  for (const kind of kinds) expect(kindOf(begun(kind))).toBe(kind);
  expect(kinds.filter((kind) => finished(begun(kind)))).toEqual(["consent", "share"]);
  expect(kindOf({ weather: "rain" } as never)).toBe("unknown");
});

test("comparisons fit the kind of value, and the field fits the comparison", () => {
  expect(opsFor("flag")).toEqual(["=", "is set", "is not set"]);
  expect(opsFor("")).toContain("anniversary within");
  expect(valueShape("in", "text")).toBe("list");
  expect(valueShape("in the last", "time")).toBe("duration");
  expect(valueShape(">=", "")).toBe("number");
  expect(valueShape("=", "flag")).toBe("flag");
  expect(valueShape("is set", "number")).toBe("none");
});

test("a value survives another comparison where it can", () => {
  expect(refit("gold", "in", "text")).toEqual(["gold"]);
  expect(refit(["gold", "silver"], "=", "text")).toBe("gold");
  expect(refit("gold", "is set", "text")).toBeUndefined();
  expect(refit("gold", ">", "number")).toBe("");
  expect(refit("12", ">", "number")).toBe(12);
  expect(refit("x", "in the last", "time")).toBe("30d");
  expect(typedValue("12.5", "number")).toBe(12.5);
  expect(typedValue("12", "text")).toBe("12");
});

test("what lacks a name, a value or an end is unfinished", () => {
  expect(finished({ attribute: "plan", op: "is set" })).toBe(true);
  expect(finished({ attribute: "plan", op: "in", value: [] })).toBe(false);
  expect(finished({ did: "X", where: [{ property: "", op: "=", value: 1 }] })).toBe(false);
  expect(finished({ did: "X", window: { from: "", to: "" } })).toBe(false);
  expect(finished({ did: "X", window: { since: { event: "", which: "last" } } })).toBe(false);
  expect(finished({ trait: { take: "sum", of: "Order Completed" }, op: ">", value: 1 })).toBe(false);
  expect(finished({ trait: { take: "ratio", of: "A", to: "orders" }, op: ">", value: 1 })).toBe(true);
  expect(finished({ sequence: [{ did: "A" }, { did_not: "" }] })).toBe(false);
});
