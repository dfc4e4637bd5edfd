import { expect, test } from "vitest";

import { arrived, emptyBuffer, heldBack, hold, release, type Buffer } from "./buffer";

const key = (n: number) => String(n);
const start: Buffer<number> = emptyBuffer;

test("a stream flows newest first and keeps only so many", () => {
  const one = arrived(start, [3, 2, 1], key, 4);
  expect(arrived(one, [5, 4], key, 4).shown).toEqual([5, 4, 3, 2]);
});

test("what comes twice after a broken line is one", () => {
  const one = arrived(start, [2, 1], key, 10);
  expect(arrived(one, [3, 2], key, 10).shown).toEqual([3, 2, 1]);
  expect(arrived(hold(one), [2, 1], key, 10)).toEqual(hold(one));
});

test("held, it counts what came, also what no longer fits, and lets it in on release", () => {
  let buffer = hold(arrived(start, [1], key, 3));
  buffer = arrived(buffer, [3, 2], key, 3);
  expect([buffer.shown, heldBack(buffer)]).toEqual([[1], 2]);
  buffer = arrived(buffer, [6, 5, 4], key, 3);
  expect(heldBack(buffer)).toBe(5);
  const open = release(buffer, key, 3);
  expect(open).toEqual({ shown: [6, 5, 4], waiting: [], missed: 0, held: false });
});
