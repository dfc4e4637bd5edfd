import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { Fault } from "../../api/client";
import type { SegmentPreview } from "../../api/live";
import { useFormat, useWords } from "../../i18n/use";
import { Button } from "../../ui/controls";
import { refText } from "../../ui/event";
import { Panel } from "../../ui/page";
import { ErrorNote, Note } from "../../ui/state";
import css from "./builder.module.css";
import { about } from "./estimate";
import type { Complaint } from "./faults";
import type { Json } from "./language";
import { exactQuery, monthAgoQuery, previewQuery } from "./rulequeries";

const waitMs = 200;

/** The rule a moment after the last change, so that typing a number is one question. */
export function useSettled<T>(value: T, key: string): T {
  const [settled, setSettled] = useState({ value, key });
  useEffect(() => {
    if (settled.key === key) return undefined;
    const wait = setTimeout(() => setSettled({ value, key }), waitMs);
    return () => clearTimeout(wait);
  }, [value, key, settled.key]);
  return settled.value;
}

export function usePreview(rule: Json | null) {
  const asked = useSettled(rule, JSON.stringify(rule));
  const query = useQuery(previewQuery(asked));
  const fault = query.error instanceof Fault && query.error.status >= 400 && query.error.status < 500 ? query.error : null;
  const behind = asked !== rule || query.isFetching;
  const estimated = Boolean(query.data?.estimate);
  const exact = useQuery(exactQuery(asked, estimated && query.isSuccess && !behind));
  const month = useQuery(monthAgoQuery(asked, query.isSuccess && !behind && !estimated));
  const failed = estimated ? exact.error : null; // of a count that is not waited for any more nobody need hear
  const retry = () => void (query.error ? query : exact).refetch();
  return { data: query.data, failed: Boolean(failed), error: query.error ?? failed, retry, fault, behind, monthAgo: month.data?.count_month_ago };
}

/** The sentence in the reader's language. */
export function sentenceIn(language: string, made: { sentence?: string; sentences?: Record<string, string> | null } | undefined): string {
  return made?.sentences?.[language] ?? made?.sentence ?? "";
}

interface PreviewProps {
  preview: ReturnType<typeof usePreview>;
  empty: boolean;
  unfinished: number;
  /** What is wrong with the rule as a whole. */
  whole: Complaint[];
  /** Whether some row complains: the count then is of the rule before. */
  broken: boolean;
}

/** How many it would be, how many it would have been, who they are, and the rule as a sentence. */
export function PreviewPanel({ preview, empty, unfinished, whole, broken }: PreviewProps) {
  const t = useWords();
  const [opened, setOpened] = useState(false);
  const { data, error, failed, retry, fault, behind, monthAgo } = preview;
  return (
    <div className={css.previewBox}>
      <Panel title={t("preview.title")}>
        <div className={css.preview}>
          {error && !fault ? <ErrorNote error={error} retry={retry} /> : null}
          {whole.map((c) => <Note key={c.sentence} tone="bad"><p>{c.sentence}</p>{c.next ? <p>{c.next}</p> : null}</Note>)}
          {broken ? <Note tone="warn">{t("preview.broken")}</Note> : null}
          {unfinished > 0 ? <Note>{t("preview.unfinished", { count: unfinished })}</Note> : null}
          {empty ? <p className={css.countOf}>{t("preview.empty")}</p> : data ? <Figures data={data} before={monthAgo} failed={failed} behind={behind || Boolean(fault)} closed={!opened} /> : error ? null : <p className={css.countOf} role="status">{t("preview.counting")}</p>}
          {data && !empty ? <div className={css.previewToggle}><Button size="xs" variant="plain" onClick={() => setOpened(!opened)}>{opened ? t("preview.less") : t("preview.more")}</Button></div> : null}
        </div>
      </Panel>
    </div>
  );
}

function Figures({ data, before, failed, behind, closed }: { data: SegmentPreview; before: number | null | undefined; failed: boolean; behind: boolean; closed: boolean }) {
  const t = useWords();
  const f = useFormat();
  const share = data.people > 0 ? data.count / data.people : 0;
  const estimate = data.estimate;
  const percent = (people: number) => `${data.people > 0 ? (people / data.people) * 100 : 0}%`;
  const sample = data.sample ?? [];
  return (
    <>
      <div aria-live="polite" aria-busy={behind || undefined}>
        <p className={css.count} data-busy={behind || undefined}>{estimate ? t("preview.about", { n: f.int(about(data.count, estimate)) }) : f.int(data.count)}</p>
        <p className={css.countOf}>{t("preview.of", { count: data.people, people: f.int(data.people), share: f.share(share) })}</p>
        {estimate ? <p className={css.countOf}>{t("preview.between", { low: f.int(estimate.low), high: f.int(estimate.high), count: estimate.asked, asked: f.int(estimate.asked) })}{failed ? null : ` ${t("preview.everyone")}`}</p> : null}
      </div>
      <div className={css.bar} aria-hidden><span style={{ width: percent(estimate?.low ?? data.count) }} />{estimate ? <span data-unsure style={{ width: percent(estimate.high - estimate.low) }} /> : null}</div>
      <div className={`${css.preview} ${css.previewMore}`} data-closed={closed || undefined}>
        <dl className={css.previewFacts}>
          {before === undefined || before === null ? null : <><dt>{t("preview.monthAgo")}</dt><dd>{f.int(before)} ({f.signedInt(data.count - before)})</dd></>}
          <dt>{t("preview.took")}</dt><dd>{t("preview.ms", { n: f.int(data.took_ms) })}</dd>
        </dl>
        <p className={css.sentence}>{sentenceIn(f.language, data)}</p>
        {(data.warnings ?? []).map((warning) => <Note key={warning} tone="warn">{warning}</Note>)}
        {sample.length > 0 ? (
          <div>
            <h3 className={css.partTitle}>{t("preview.sample", { count: sample.length })}</h3>
            <ul className={css.sample}>{sample.map((person) => <li key={person.customer}><Link to="/customers/$id" params={{ id: person.customer }} target="_blank">{person.name || refText(person.customer)}</Link>{person.name || person.email ? <small>{person.email || refText(person.customer)}</small> : null}</li>)}</ul>
          </div>
        ) : null}
      </div>
    </>
  );
}
