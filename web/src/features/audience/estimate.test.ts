import { expect, test } from "vitest";

import { about } from "./estimate";

test.each([
  [104_213, 101_950, 106_500, 104_000],
  [499_700, 495_800, 503_600, 500_000],
  [163, 90, 281, 160],
  [15, 2, 60, 20],
  [0, 0, 59, 0],
  [37, 6, 206, 40],
  [7, 7, 7, 7],
])("%i between %i and %i is about %i", (count, low, high, told) => {
  expect(about(count, { low, high })).toBe(told);
});
