// The hourly sizes of a segment as points of a picture: by day where there are days, by hour where it is young.
import type { SegmentSize } from "../../api/live";

const dayOf = (at: string) => {
  const date = new Date(at);
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
};

/** One point a day: the size at its end, and all who came and went on it. */
export function byDay(items: readonly SegmentSize[]): SegmentSize[] {
  const days = new Map<string, SegmentSize>();
  for (const item of items) {
    const day = dayOf(item.at);
    const before = days.get(day);
    days.set(day, { at: day, size: item.size, entered: item.entered + (before?.entered ?? 0), left: item.left + (before?.left ?? 0) });
  }
  return [...days.values()];
}

/** Days from the third day on, hours before. */
export function pointsOf(items: readonly SegmentSize[]): { points: SegmentSize[]; hourly: boolean } {
  const sorted = items.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const days = byDay(sorted);
  return days.length > 2 ? { points: days, hourly: false } : { points: sorted, hourly: true };
}

/** What there is to say of a course: nothing moved, only its one point, or from where to where it went. */
export function courseOf(points: readonly SegmentSize[]): "still" | "young" | "sentence" {
  if (points.length < 2) return "young";
  return points.every((p) => p.entered === 0 && p.left === 0) ? "still" : "sentence";
}
