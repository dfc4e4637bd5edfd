import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";

import { Fault } from "../../api/client";
import type { SegmentSize } from "../../api/live";
import { Bars } from "../../charts/bars";
import { ChartFrame } from "../../charts/frame";
import { Lines } from "../../charts/lines";
import { useFormat, useWords } from "../../i18n/use";
import { Answer, LoadingPage, Note } from "../../ui/state";
import { followEvery } from "./members";
import { historyQuery } from "./rulequeries";
import { courseOf, pointsOf } from "./sizes";

/** How large the segment was, and who came and went. */
export function SizeHistory({ id }: { id: string }) {
  const query = useQuery({ ...historyQuery(id), retry: false, staleTime: 0, refetchInterval: followEvery });
  if (query.error instanceof Fault && query.error.status === 404) return null;
  return <Answer query={query} loading={<LoadingPage />}>{(data) => <HistoryChart id={id} items={data.items ?? []} />}</Answer>;
}

function HistoryChart({ id, items: given }: { id: string; items: SegmentSize[] }) {
  const t = useWords();
  const f = useFormat();
  const { points: items, hourly } = useMemo(() => pointsOf(given), [given]);
  const label = useCallback((at: string) => (hourly ? f.instant(at) : f.day(at)), [hourly, f]);
  const write = useCallback((value: number) => f.int(Math.abs(value)), [f]);
  const x = useMemo(() => items.map((p) => (hourly ? f.clock(p.at).slice(0, 5) : f.dayShort(p.at))), [items, hourly, f]);
  const xFull = useMemo(() => items.map((p) => label(p.at)), [items, label]);
  const size = useMemo(() => [{ name: t("segments.history.size"), values: items.map((p) => p.size), area: true }], [items, t]);
  const moved = useMemo(() => [
    { name: t("segments.history.entered"), values: items.map((p) => p.entered), token: "--series-1" },
    { name: t("segments.history.left"), values: items.map((p) => p.left), token: "--series-2" },
  ], [items, t]);
  const first = items[0];
  const last = items.at(-1);
  const entered = items.reduce((sum, p) => sum + p.entered, 0);
  const left = items.reduce((sum, p) => sum + p.left, 0);
  // A point holds the size at its end: what it began with is before those who came and went in it.
  const before = first ? Math.max(0, first.size - first.entered + first.left) : 0;
  const said = first && last ? courseOf(items) : undefined;
  const sentence = first && last && said
    ? t(`segments.history.${said}`, { count: last.size, day: label(first.at), before: f.int(before), now: f.int(last.size), entered: f.int(entered), left: f.int(left) })
    : t("segments.history.none");
  return (
    <ChartFrame title={t("segments.history.title")} sentence={sentence} file={`dangol-segment-${id}-history`}
      figures={{
        head: [t("table.day"), t("segments.history.size"), t("segments.history.entered"), t("segments.history.left")],
        rows: items.map((p) => [label(p.at), f.int(p.size), f.int(p.entered), f.int(p.left)]),
        raw: items.map((p) => [p.at, p.size, p.entered, p.left]),
      }}>
      {items.length < 2 ? <Note>{t("segments.history.short")}</Note> : (
        <>
          <Lines label={sentence} x={x} xFull={xFull} series={size} write={write} min={0} height={220} />
          <Bars label={sentence} x={x} series={moved} write={write} height={150} />
        </>
      )}
    </ChartFrame>
  );
}
