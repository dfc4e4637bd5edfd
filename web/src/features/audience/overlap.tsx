import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";

import { Fault } from "../../api/client";
import type { Scope } from "../../api/status";
import type { Overlap } from "../../api/types";
import { ChartFrame } from "../../charts/frame";
import { UpSetChart } from "../../charts/upset";
import { useFormat, useSentence, useWords } from "../../i18n/use";
import { segmentName } from "../../lib/groups";
import { upSetOf } from "../../lib/upset";
import { AnyOf } from "../../ui/inputs";
import { Answer, LoadingPage, Note } from "../../ui/state";
import css from "./segments.module.css";
import { segmentsQuery } from "./queries";
import { overlapsQuery } from "./rulequeries";

const most = 6;

/** Who is in which of several segments at once. It begins with the segments that share the most people with this one. */
export function OverlapPlot({ scope, slug, overlap }: { scope: Scope; slug: string; overlap: Overlap }) {
  const t = useWords();
  const sentence = useSentence();
  const all = useQuery(segmentsQuery(scope));
  const name = useCallback((id: string) => segmentName(sentence, id, all.data?.items?.find((s) => s.slug === id)?.name ?? id),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- sentence is new at each call, the language decides
    [all.data, t]);
  // Stages and RFM groups part all customers among them: with those a plot says little.
  const near = (overlap.items ?? []).filter((item) => item.customers > 0).toSorted((a, b) => b.customers - a.customers).map((item) => item.slug);
  const offered = [...near.filter((id) => !/^(stage|rfm)-/.test(id)), ...near.filter((id) => /^(stage|rfm)-/.test(id))].slice(0, 12);
  const [chosen, setChosen] = useState<string[] | null>(null);
  const others = chosen ?? offered.slice(0, 3);
  const ids = useMemo(() => [slug, ...others], [slug, others]);
  const query = useQuery(overlapsQuery(ids));
  if (offered.length === 0 || (query.error instanceof Fault && query.error.status === 404)) return null;
  return (
    <Answer query={others.length === 0 ? { ...query, data: { sets: [] }, error: null } : query} loading={<LoadingPage />}>
      {(data) => <Plot slug={slug} ids={ids} sets={data.sets ?? []} name={name}
        picker={<AnyOf label={t("segments.upset.with")} value={others} options={offered.map((value) => ({ value, label: name(value) }))} onChange={(next) => setChosen(next.slice(-(most - 1)))} />} />}
    </Answer>
  );
}

function Plot({ slug, ids, sets, name, picker }: { slug: string; ids: string[]; sets: { ids: string[] | null; customers: number }[]; name: (id: string) => string; picker: React.ReactNode }) {
  const t = useWords();
  const f = useFormat();
  const plot = useMemo(() => upSetOf(ids, sets.map((set) => ({ ids: set.ids ?? [], customers: set.customers }))), [ids, sets]);
  const write = useCallback((value: number) => f.int(value), [f]);
  const both = plot.columns.find((column) => column.ids.length > 1 && column.ids.includes(slug));
  const only = plot.columns.find((column) => column.ids.length === 1 && column.ids[0] === slug);
  const sentence = both ? t("segments.upset.sentence", { names: f.list(both.ids.map(name)), n: f.int(both.customers), only: f.int(only?.customers ?? 0) }) : t("segments.upset.alone", { n: f.int(only?.customers ?? 0) });
  const rows = plot.columns.map((column) => ({ names: column.ids.map(name).join(" ∩ "), column }));
  return (
    <ChartFrame title={t("segments.upset.title")} sentence={sentence} file={`dangol-segment-${slug}-overlaps`}
      figures={{
        head: [t("segments.upset.exactly"), t("rfm.grid.customers"), t("segments.share")],
        rows: rows.map((r) => [r.names, f.int(r.column.customers), f.share(plot.total ? r.column.customers / plot.total : 0)]),
        raw: rows.map((r) => [r.column.ids.join(" "), r.column.customers, plot.total ? r.column.customers / plot.total : 0]),
      }}>
      <div className={css.upset}>
        {picker}
        {plot.columns.length > 0 ? <UpSetChart label={sentence} plot={plot} nameOf={name} write={write} own={slug} /> : <Note>{t("segments.upset.choose")}</Note>}
        {plot.left.columns > 0 ? <p className={css.ruleText}>{t("segments.upset.left", { count: plot.left.columns, n: f.int(plot.left.customers) })}</p> : null}
      </div>
    </ChartFrame>
  );
}
