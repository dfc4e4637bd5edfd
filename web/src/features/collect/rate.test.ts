import { expect, test } from "vitest";

import { rateOf } from "./rate";

test("a rate needs two readings of a counter that grows", () => {
  expect(rateOf(null, { at: 1000, events: 5 })).toBeNull();
  expect(rateOf({ at: 1000, events: 5 }, { at: 3000, events: 25 })).toBe(10);
  expect(rateOf({ at: 1000, events: 5 }, { at: 3000, events: 0 })).toBeNull();
  expect(rateOf({ at: 1000, events: 5 }, { at: 1000, events: 9 })).toBeNull();
});
