import { expect, test } from "vitest";

import { upSetOf } from "./upset";

const given = [{ ids: ["a"], customers: 50 }, { ids: ["b"], customers: 80 }, { ids: ["b", "a"], customers: 20 }, { ids: ["c", "a", "b"], customers: 5 }, { ids: ["c"], customers: 0 }];

test("sets are summed over their exclusive intersections, and both are in order of size", () => {
  const plot = upSetOf(["a", "b", "c"], given);
  expect(plot.sets).toEqual([{ id: "b", customers: 105 }, { id: "a", customers: 75 }, { id: "c", customers: 5 }]);
  expect(plot.columns.map((c) => [c.ids.join(""), c.customers])).toEqual([["b", 80], ["a", 50], ["ab", 20], ["abc", 5]]);
  expect(plot.total).toBe(155);
});

test("what does not fit is counted, what is given twice is added, what is unknown is left out", () => {
  const plot = upSetOf(["a", "b"], [...given, { ids: ["a"], customers: 1 }, { ids: ["a", "zebra"], customers: 99 }], 2);
  expect(plot.columns).toEqual([{ ids: ["b"], customers: 80 }, { ids: ["a"], customers: 51 }]);
  expect(plot.left).toEqual({ columns: 1, customers: 20 });
  expect(upSetOf([], []).total).toBe(0);
});
