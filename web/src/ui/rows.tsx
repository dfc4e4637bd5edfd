import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

import css from "./rows.module.css";

interface RowsProps<T> {
  label: string;
  items: readonly T[];
  keyOf: (item: T) => string;
  /** Every row is as high as the others: that is what lets a thousand of them cost as little as twenty. */
  rowHeight: number;
  height: number | string;
  render: (item: T) => ReactNode;
  onOpen: (item: T) => void;
  /** Told when the reader leaves the top, and when she is back. */
  onAway?: (away: boolean) => void;
  /** The row that stands open elsewhere. */
  current?: string | undefined;
}

const spare = 8;

/** A long list of which only what is in sight is drawn. Up and down move between rows, Enter opens one. */
export function Rows<T>({ label, items, keyOf, rowHeight, height, render, onOpen, onAway, current }: RowsProps<T>) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, room: 600 });
  const [at, setAt] = useState(0);
  const away = useRef(false);

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const sizes = new ResizeObserver(() => setView((before) => ({ ...before, room: element.clientHeight })));
    sizes.observe(element);
    return () => sizes.disconnect();
  }, []);

  const onScroll = () => {
    const top = box.current?.scrollTop ?? 0;
    setView((before) => ({ ...before, top }));
    const now = top > rowHeight;
    if (now !== away.current) {
      away.current = now;
      onAway?.(now);
    }
  };
  const from = Math.max(0, Math.floor(view.top / rowHeight) - spare);
  const to = Math.min(items.length, Math.ceil((view.top + view.room) / rowHeight) + spare);
  const focus = (index: number) => {
    const next = Math.max(0, Math.min(items.length - 1, index));
    setAt(next);
    const element = box.current;
    if (!element) return;
    if (next * rowHeight < element.scrollTop) element.scrollTop = next * rowHeight;
    else if ((next + 1) * rowHeight > element.scrollTop + element.clientHeight) element.scrollTop = (next + 1) * rowHeight - element.clientHeight;
    requestAnimationFrame(() => element.querySelector<HTMLElement>(`[data-at="${next}"]`)?.focus({ preventScroll: true }));
  };
  const onKey = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(view.room / rowHeight) - 1);
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: items.length - 1 };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    focus(next);
  };
  const reachable = at >= from && at < to ? at : from;
  return (
    <div ref={box} className={css.box} style={{ height }} onScroll={onScroll}>
      <ul className={css.list} style={{ height: items.length * rowHeight }} aria-label={label}>
        {items.slice(from, to).map((item, offset) => {
          const index = from + offset;
          const key = keyOf(item);
          return (
            <li key={key} className={css.item} style={{ transform: `translateY(${index * rowHeight}px)`, height: rowHeight }} aria-setsize={items.length} aria-posinset={index + 1}>
              <button type="button" data-at={index} className={css.row} tabIndex={index === reachable ? 0 : -1} aria-current={current === key || undefined} onKeyDown={onKey} onFocus={() => setAt(index)} onClick={() => onOpen(item)}>
                {render(item)}
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
