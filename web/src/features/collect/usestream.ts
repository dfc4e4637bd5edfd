import { useCallback, useEffect, useRef, useState } from "react";

import type { LiveEvent } from "../../api/live";
import { listen, type Line } from "../../api/stream";
import { arrived, emptyBuffer, heldBack, hold, release, type Buffer } from "../../lib/buffer";
import { events, eventsAtOnce, liveAddress, type StreamFilter } from "./livequeries";

const keep = 1000;
const everyMs = 250;
const placeOf = (event: LiveEvent) => event.place;

export interface Stream {
  items: LiveEvent[];
  fresh: number;
  held: boolean;
  line: Line;
  error: unknown;
  loading: boolean;
  hold: () => void;
  release: () => void;
  /** Fetches what came before the oldest in sight; undefined where nothing did. */
  earlier: (() => void) | undefined;
  retry: () => void;
}

interface State {
  /** The question that this answers: a change of filters begins anew. */
  of: string;
  buffer: Buffer<LiveEvent>;
  line: Line;
  error: unknown;
  loading: boolean;
  more: boolean;
}

const begun = (of: string): State => ({ of, buffer: emptyBuffer, line: "connecting", error: null, loading: true, more: false });

/** The latest events and all that come from now on. A thousand a second cost four redraws a second. */
export function useStream(filter: StreamFilter): Stream {
  const [tries, setTries] = useState(0);
  const key = JSON.stringify(filter);
  const of = `${tries}${key}`;
  const [kept, setKept] = useState<State>(() => begun(of));
  const state = kept.of === of ? kept : begun(of);
  const room = useRef(keep);
  const change = useCallback((next: (before: State) => Partial<State>) => setKept((before) => {
    const base = before.of === of ? before : begun(of);
    return { ...base, ...next(base) };
  }), [of]);

  useEffect(() => {
    const asked = JSON.parse(key) as StreamFilter;
    const leaving = new AbortController();
    let pending: LiveEvent[] = [];
    let wasLost = false;
    room.current = keep;
    const latest = async (first: boolean) => {
      try {
        const items = (await events(asked, undefined, leaving.signal)).items ?? [];
        change((before) => ({ buffer: arrived(before.buffer, items, placeOf, room.current), error: null, loading: false, ...(first ? { more: items.length >= eventsAtOnce } : {}) }));
      } catch (error) {
        if (first && !leaving.signal.aborted) change(() => ({ error, loading: false }));
      }
    };
    void latest(true);
    const stop = listen<LiveEvent>(liveAddress(asked), {
      onItem: (event) => pending.unshift(event),
      onLine: (line) => {
        if (leaving.signal.aborted) return;
        change(() => ({ line }));
        // What happened while the line was broken is fetched.
        if (line === "open" && wasLost) void latest(false);
        if (line !== "connecting") wasLost = line === "lost";
      },
    });
    const timer = setInterval(() => {
      if (pending.length === 0) return;
      const come = pending;
      pending = [];
      change((before) => ({ buffer: arrived(before.buffer, come, placeOf, room.current) }));
    }, everyMs);
    return () => {
      leaving.abort();
      clearInterval(timer);
      stop();
    };
  }, [key, change]);

  const oldest = state.buffer.shown.at(-1)?.place;
  const earlier = useCallback(() => {
    events(JSON.parse(key) as StreamFilter, oldest).then((page) => {
      const items = page.items ?? [];
      room.current += items.length;
      return change((before) => ({ more: items.length >= eventsAtOnce, buffer: { ...before.buffer, shown: [...before.buffer.shown, ...items] } }));
    }).catch((error: unknown) => change(() => ({ error })));
  }, [oldest, key, change]);

  return {
    items: state.buffer.shown, fresh: heldBack(state.buffer), held: state.buffer.held, line: state.line, error: state.error, loading: state.loading,
    hold: useCallback(() => change((before) => ({ buffer: hold(before.buffer) })), [change]),
    release: useCallback(() => change((before) => ({ buffer: release(before.buffer, placeOf, room.current) })), [change]),
    earlier: state.more ? earlier : undefined,
    retry: useCallback(() => setTries((n) => n + 1), []),
  };
}
