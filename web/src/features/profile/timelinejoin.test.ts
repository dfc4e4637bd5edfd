import { expect, test } from "vitest";

import type { LiveEvent } from "../../api/live";
import type { TimelineEntry } from "../../api/types";
import { byDay, joined } from "./timelinejoin";

const event = (place: string, at: string, name = "Page Viewed", properties: Record<string, unknown> = {}) => ({ place, at, received_at: at, name, properties, message_id: place, type: "track", source: "k", fate: "accepted" }) as LiveEvent;
const moment = (at: string, title: string, kind = "order") => ({ at, day: at.slice(0, 10), title, kind, money: null, days: 0 }) as unknown as TimelineEntry;

test("events and orders are one list, newest first, and an order told by its event is told once", () => {
  const events = [event("3", "2026-03-03T10:00:00Z", "Order Completed", { order_id: "A1" }), event("2", "2026-03-02T10:00:00Z")];
  const list = joined(events, [moment("2026-03-03T10:00:00Z", "A1"), moment("2026-03-05T10:00:00Z", "A1", "late_delivery"), moment("2026-03-01T10:00:00Z", "Z9")], true);
  expect(list.map((one) => (one.kind === "event" ? one.event.place : `${one.moment.kind} ${one.moment.title}`))).toEqual(["late_delivery A1", "3", "2", "order Z9"]);
});

test("while earlier events are to come, earlier orders wait", () => {
  const list = joined([event("2", "2026-03-02T10:00:00Z")], [moment("2026-03-01T10:00:00Z", "Z9"), moment("2026-03-04T10:00:00Z", "Y8")], false);
  expect(list.map((one) => one.kind)).toEqual(["moment", "event"]);
  expect(joined([], [moment("2026-03-01T10:00:00Z", "Z9")], false)).toHaveLength(1);
});

test("days have headings", () => {
  const days = byDay(joined([], [moment("2026-03-04T10:00:00Z", "A"), moment("2026-03-04T09:00:00Z", "B"), moment("2026-03-01T10:00:00Z", "C")], true));
  expect(days.map(([day, list]) => [day, list.length])).toEqual([["2026-03-04", 2], ["2026-03-01", 1]]);
});
