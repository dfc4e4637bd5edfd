// A customer's events and orders as one list: what files brought and what came live, each once.
import type { LiveEvent } from "../../api/live";
import type { TimelineEntry } from "../../api/types";

export type Happening = { kind: "event"; key: string; at: string; event: LiveEvent } | { kind: "moment"; key: string; at: string; moment: TimelineEntry };

const orderEvents = new Set(["Order Completed", "Order Updated", "Order Refunded", "Order Cancelled"]);

/**
 * Newest first. An order that came as an event is told by that event alone. While earlier events are still to be fetched, moments
 * before the earliest one wait, so that nothing is later put in between.
 */
export function joined(events: readonly LiveEvent[], moments: readonly TimelineEntry[], whole: boolean): Happening[] {
  const told = new Set<string>();
  for (const { name, properties } of events) {
    const order = properties?.["order_id"];
    if (orderEvents.has(name) && (typeof order === "string" || typeof order === "number")) told.add(String(order));
  }
  const oldest = events.at(-1)?.at;
  const all: Happening[] = events.map((event) => ({ kind: "event", key: event.place, at: event.at, event }));
  for (const [n, moment] of moments.entries()) {
    if (told.has(moment.title) && moment.kind !== "late_delivery") continue;
    if (!whole && oldest !== undefined && Date.parse(moment.at) < Date.parse(oldest)) continue;
    all.push({ kind: "moment", key: `${moment.at}:${moment.kind}:${n}`, at: moment.at, moment });
  }
  return all.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

/** The list cut into days, each with its own heading. */
export function byDay(list: readonly Happening[]): [string, Happening[]][] {
  const days: [string, Happening[]][] = [];
  for (const one of list) {
    const date = new Date(one.at);
    const day = one.kind === "moment" ? one.moment.day.slice(0, 10) : `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
    const last = days.at(-1);
    if (last?.[0] === day) last[1].push(one);
    else days.push([day, [one]]);
  }
  return days;
}
