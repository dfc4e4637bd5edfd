import { expect, test } from "vitest";

import { byDay, courseOf, pointsOf } from "./sizes";

const at = (day: number, hour: number, size: number, entered: number, left: number) => ({ at: new Date(2026, 2, day, hour).toISOString(), size, entered, left });

test("hours are gathered into days: the last size, the sum of who came and went", () => {
  expect(byDay([at(1, 9, 10, 2, 1), at(1, 15, 12, 3, 1), at(2, 8, 11, 0, 1)])).toEqual([
    { at: "2026-03-01", size: 12, entered: 5, left: 2 }, { at: "2026-03-02", size: 11, entered: 0, left: 1 },
  ]);
});

test("a young segment is shown by the hour", () => {
  expect(pointsOf([at(2, 8, 11, 0, 1), at(1, 9, 10, 2, 1)])).toMatchObject({ hourly: true, points: [{ size: 10 }, { size: 11 }] });
  expect(pointsOf([at(1, 9, 1, 1, 0), at(2, 9, 2, 1, 0), at(3, 9, 3, 1, 0)])).toMatchObject({ hourly: false, points: [{}, {}, { size: 3 }] });
});

test("one point is no course, and where nobody moved nobody is said to have", () => {
  expect(courseOf([at(1, 9, 121, 121, 0)])).toBe("young");
  expect(courseOf([at(1, 9, 9, 0, 0), at(1, 10, 9, 0, 0)])).toBe("still");
  expect(courseOf([at(1, 9, 9, 9, 0), at(1, 10, 8, 0, 1)])).toBe("sentence");
});
