import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useMemo } from "react";

import { Fault } from "../../api/client";
import { useScope } from "../../api/scope";
import { ChartFrame } from "../../charts/frame";
import { useFormat, useWords } from "../../i18n/use";
import { Choice, Switch } from "../../ui/controls";
import { Columns, Page, Panel } from "../../ui/page";
import { Answer, Empty, Note, Skeleton } from "../../ui/state";
import { Table } from "../../ui/table";
import type { BandWords, Place } from "./bands";
import css from "./forecast.module.css";
import { forecastQuery, kpiOf, kpis, unitOf, units, type Forecast, type Unit } from "./queries";

const Bands = lazy(() => import("./bands").then((module) => ({ default: module.Bands })));

/** How a figure will go on, how sure that is, and where it broke. */
export function ForecastScreen() {
  const t = useWords();
  const f = useFormat();
  const search = useSearch({ from: "/forecast" });
  const navigate = useNavigate({ from: "/forecast" });
  const kpi = kpiOf(search.kpi);
  const unit = unitOf(search.unit);
  const query = useQuery(forecastQuery(useScope(), kpi, unit));
  const short = query.error instanceof Fault && query.error.reason === "insight.series_short" ? query.error : null;
  return (
    <Page title={t("forecast.title")} lede={short ? undefined : query.data?.sentences[f.language]}
      actions={
        <>
          <Choice hideLabel size="xs" label={t("forecast.kpiLabel")} value={kpi} options={kpis.map((value) => ({ value, label: t(`forecast.kpi.${value}`) }))}
            onChange={(next) => void navigate({ search: (before) => ({ ...before, kpi: next === "revenue" ? undefined : next, at: undefined }) })} />
          <Switch label={t("forecast.unitLabel")} value={unit} options={units.map((value) => ({ value, label: t(`forecast.unit.${value}`) }))}
            onChange={(next) => void navigate({ search: (before) => ({ ...before, unit: next === "week" ? undefined : next, at: undefined }), replace: true })} />
        </>
      }>
      {short ? <TooShort fault={short} unit={unit} /> : <Answer query={query}>{(data) => <Course data={data} at={search.at} />}</Answer>}
    </Page>
  );
}

function TooShort({ fault, unit }: { fault: Fault; unit: Unit }) {
  const t = useWords();
  const finer = unit === "month" ? "week" : "day";
  return (
    <Empty icon="chart" title={t("forecast.shortTitle")} sentence={t(`forecast.short.${unit}`)}
      action={unit === "day" ? <Link to="/import">{t("forecast.import")}</Link> : <Link to="/forecast" search={{ unit: finer } as never} title={fault.message}>{t(`forecast.try.${finer}`)}</Link>} />
  );
}

// Beyond these the past would squeeze what is to come.
const drawn: Record<string, number> = { day: 120, week: 78, month: 48 };

function usePlaces(data: Forecast): Place[] {
  const f = useFormat();
  return useMemo(() => {
    const odd = new Set((data.anomalies ?? []).map((a) => a.start));
    const change = new Set((data.changes ?? []).map((c) => c.start));
    const at = (day: string) => ({ x: data.unit === "month" ? f.month(day) : f.dayShort(day), full: data.unit === "month" ? f.month(day) : f.day(day), odd: odd.has(day), change: change.has(day) });
    const past = (data.history ?? []).slice(-(drawn[data.unit] ?? 60));
    const none = { low80: null, high80: null, low95: null, high95: null };
    const places: Place[] = past.map((p) => ({ ...at(p.start), past: p.closed ? null : p.value, next: null, ...none }));
    const last = places.at(-1);
    // The bands open where the past ends.
    if (last && last.past !== null) Object.assign(last, { next: last.past, low80: last.past, high80: last.past, low95: last.past, high95: last.past });
    for (const p of data.forecast ?? []) {
      places.push({ ...at(p.start), past: null, ...(p.closed ? { next: null, ...none } : { next: p.value, low80: p.low80, high80: p.high80, low95: p.low95, high95: p.high95 }) });
    }
    return places;
  }, [data, f]);
}

function Course({ data, at }: { data: Forecast; at: string | undefined }) {
  const t = useWords();
  const f = useFormat();
  const places = usePlaces(data);
  const write = useCallback((value: number) => (data.currency ? f.moneyNumber(value, data.currency) : f.compact(value)), [data.currency, f]);
  const words: BandWords = useMemo(() => ({ past: t("forecast.past"), next: t("forecast.next"), band80: t("forecast.band80"), band95: t("forecast.band95"), odd: t("forecast.odd"), change: t("forecast.change") }), [t]);
  const exact = (value: number | null | undefined) => (value === null || value === undefined ? "–" : data.currency ? f.money({ amount: value.toFixed(data.digits), currency: data.currency }) : f.int(Math.round(value)));
  const ahead = data.forecast ?? [];
  const figures = {
    head: [t("forecast.from"), t("forecast.next"), t("forecast.band80"), t("forecast.band95")],
    rows: ahead.map((p) => (p.closed ? [f.day(p.start), t("forecast.closed"), "", ""] : [f.day(p.start), exact(p.value), `${exact(p.low80)} – ${exact(p.high80)}`, `${exact(p.low95)} – ${exact(p.high95)}`])),
    raw: ahead.map((p) => [p.start, p.value, `${p.low80}–${p.high80}`, `${p.low95}–${p.high95}`]),
  };
  const trust = data.trust[f.language] ?? "";
  return (
    <>
      <ChartFrame title={t("forecast.chart", { what: t(`forecast.kpi.${kpiOf(data.kpi)}`) })} sentence={trust} figures={figures} file={`dangol-forecast-${data.kpi}-${data.unit}`}>
        <Suspense fallback={<Skeleton height={340} />}><Bands label={`${data.sentences[f.language] ?? ""} ${trust}`} places={places} words={words} write={write} height={340} /></Suspense>
      </ChartFrame>
      {(data.warnings ?? []).map((w) => <Note key={w.reason} tone="warn">{w.sentences[f.language]}</Note>)}
      <Columns>
        <Breaks data={data} at={at} />
        <Quality data={data} />
      </Columns>
    </>
  );
}

function Breaks({ data, at }: { data: Forecast; at: string | undefined }) {
  const t = useWords();
  const f = useFormat();
  const list = [
    ...(data.changes ?? []).map((c) => ({ start: c.start, kind: "change" as const, text: c.sentences[f.language] ?? "" })),
    ...(data.anomalies ?? []).map((a) => ({ start: a.start, kind: "odd" as const, text: a.sentences[f.language] ?? "" })),
  ].toSorted((a, b) => b.start.localeCompare(a.start)).slice(0, 8);
  return (
    <Panel title={t("forecast.breaks")} note={t("forecast.breaksNote")}>
      {list.length === 0 ? <p className={css.text}>{t("forecast.noBreaks")}</p> : (
        <ul className={css.breaks}>
          {list.map((b) => (
            <li key={b.kind + b.start} data-at={b.start === at || undefined}><span className={css.mark} data-kind={b.kind}>{t(`forecast.${b.kind}`)}</span><span>{b.text}</span></li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Quality({ data }: { data: Forecast }) {
  const t = useWords();
  const f = useFormat();
  const b = data.backtest;
  if (!b) return <Panel title={t("forecast.quality")}><p className={css.text}>{data.trust[f.language]}</p></Panel>;
  return (
    <Panel title={t("forecast.quality")} note={t("forecast.qualityNote")}>
      <Table label={t("forecast.quality")} dense rows={b.candidates ?? []} rowKey={(row) => row.name}
        columns={[
          { key: "name", head: t("forecast.model"), lead: true, cell: (row) => <span data-chosen={row.name === data.model || undefined} className={css.model}>{row.labels[f.language]}{row.name === data.model ? <b>{t("forecast.chosen")}</b> : null}</span> },
          { key: "mase", head: t("forecast.mase"), align: "right", cell: (row) => f.decimal(row.mase, 2) },
          { key: "mape", head: t("forecast.off"), align: "right", cell: (row) => f.percent(row.mape, row.mape < 0.1 ? 1 : 0) },
        ]} />
      <p className={css.text}>{t("forecast.held", { near: f.percent(b.coverage80), wide: f.percent(b.coverage95) })}</p>
    </Panel>
  );
}
