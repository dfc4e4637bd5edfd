import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";

import { useScope } from "../../api/scope";
import type { Cohorts } from "../../api/types";
import { ChartFrame } from "../../charts/frame";
import { plain, useFormat, useWords } from "../../i18n/use";
import type { Format } from "../../lib/format";
import { linearHeat } from "../../lib/scale";
import { Choice, Switch } from "../../ui/controls";
import { Columns, Page } from "../../ui/page";
import { Scroller } from "../../ui/scroller";
import { Answer, Empty } from "../../ui/state";
import { CohortCompare } from "./cohortcompare";
import css from "./cohorts.module.css";
import { cohortsQuery } from "./queries";
import { averages, measureOf, measures, monthOf, openMonth, valueOf, warmest, type Measure } from "./triangle";

/** Whether those who came in one month come back in the next ones, and whether that gets better. */
export function CohortsScreen() {
  const t = useWords();
  const scope = useScope();
  const search = useSearch({ from: "/cohorts" });
  const navigate = useNavigate({ from: "/cohorts" });
  const query = useQuery(cohortsQuery(scope, "none", search.category));
  const measure = measureOf(search.show);
  const lede = useLede(query.data);
  const categories = query.data?.categories ?? [];
  return (
    <Page title={t("cohorts.title")} lede={lede}
      actions={categories.length > 0 ? (
        <Choice hideLabel size="xs" label={t("cohorts.category")} value={search.category ?? ""} options={[{ value: "", label: t("cohorts.allCategories") }, ...categories.map((value) => ({ value, label: value }))]}
          onChange={(category) => void navigate({ search: (before) => ({ ...before, category: category || undefined }) })} />
      ) : null}>
      <Answer query={query}>
        {(data) => (data.cohorts ?? []).length === 0 ? <Empty icon="cohorts" title={t("cohorts.noneTitle")} sentence={t("cohorts.noneSentence")} /> : (
          <Triangle data={data} measure={measure} onMeasure={(next) => void navigate({ search: (before) => ({ ...before, show: next === "retention" ? undefined : next }), replace: true })} />
        )}
      </Answer>
      <Columns>
        <CohortCompare by="market" />
        <CohortCompare by="category" />
      </Columns>
    </Page>
  );
}

function useLede(data: Cohorts | undefined): string | undefined {
  const t = useWords();
  const f = useFormat();
  if (!data) return undefined;
  const mean = averages(data.cohorts ?? [], "retention");
  const far = [12, 6, 3].find((index) => mean[index] !== null && mean[index] !== undefined);
  if (!far || mean[1] === null || mean[1] === undefined) return t("cohorts.ledeShort");
  return t("cohorts.lede", { first: f.percent(mean[1]), later: f.percent(mean[far]), count: far });
}

function write(f: Format, value: number, measure: Measure, currency: string): string {
  if (measure === "retention") return f.percent(value);
  if (measure === "active") return f.int(value);
  return f.moneyNumber(value, currency);
}

function Triangle({ data, measure, onMeasure }: { data: Cohorts; measure: Measure; onMeasure: (measure: Measure) => void }) {
  const t = useWords();
  const f = useFormat();
  const cohorts = data.cohorts ?? [];
  const open = openMonth(cohorts, data.as_of);
  const means = averages(cohorts, measure);
  const largest = warmest(cohorts, measure);
  const currency = cohorts[0]?.periods?.[0]?.cumulative_value_per_customer.currency ?? "USD";
  const say = (value: number) => write(f, value, measure, currency);
  const heat = (value: number) => ({ "--heat": `${Math.round(linearHeat(value, largest) * 100)}%` }) as React.CSSProperties;
  const sentence = useTriangleSentence(data, measure, currency);
  const heads = means.map((_, index) => String(index));
  return (
    <ChartFrame flush title={t(`cohorts.measure.${measure}.title`)} sentence={sentence} file={`dangol-cohorts-${measure}`}
      actions={<Switch label={t("cohorts.show")} value={measure} onChange={onMeasure} options={measures.map((value) => ({ value, label: t(`cohorts.measure.${value}.name`) }))} />}
      figures={{
        head: [t("cohorts.cohort"), t("cohorts.size"), ...heads],
        rows: cohorts.map((c) => [f.month(c.start), f.int(c.size), ...(c.periods ?? []).map((p) => say(valueOf(p, measure)))]),
        raw: cohorts.map((c) => [c.start, c.size, ...(c.periods ?? []).map((p) => valueOf(p, measure))]),
      }}>
      <div className={css.scroll}><Scroller label={t(`cohorts.measure.${measure}.title`)} maxHeight={1180}>
        <table className={css.triangle}>
          <caption className="visually-hidden">{plain(sentence)}</caption>
          <thead>
            <tr><th scope="col" className={css.stick}>{t("cohorts.cohort")}</th><th scope="col" className={css.size}>{t("cohorts.size")}</th>
              {heads.map((head, index) => <th key={head} scope="col"><abbr title={t("cohorts.month", { count: index })}>{head}</abbr></th>)}</tr>
          </thead>
          <tbody>
            <tr className={css.mean}>
              <th scope="row" className={css.stick}>{t("cohorts.average")}</th><td className={css.size} />
              {means.map((mean, index) => <td key={heads[index]}>{mean === null ? "" : say(mean)}</td>)}
            </tr>
            {cohorts.map((cohort) => (
              <tr key={cohort.start}>
                <th scope="row" className={css.stick}>{f.month(cohort.start)}</th><td className={css.size}>{f.int(cohort.size)}</td>
                {(cohort.periods ?? []).map((period) => {
                  const value = valueOf(period, measure);
                  const tip = t("cohorts.cell", { cohort: f.month(cohort.start), month: f.month(monthOf(cohort, period.index) + "-01"), active: f.int(period.active), size: f.int(cohort.size), share: f.percent(period.retention, 1), money: f.moneyShort(period.revenue) });
                  return <td key={period.index} className={css.cell} data-open={period.partial || undefined} style={period.index === 0 && measure !== "cumulative" ? undefined : heat(value)} title={tip}>{say(value)}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller></div>
      {open ? <p className={css.openNote}><span className={css.openMark} aria-hidden />{t("cohorts.open", { month: f.month(open + "-01") })}</p> : null}
    </ChartFrame>
  );
}

// Recent cohorts against older ones, one month after the first order: whether retention improves.
function useTriangleSentence(data: Cohorts, measure: Measure, currency: string): string {
  const t = useWords();
  const f = useFormat();
  const ripe = (data.cohorts ?? []).filter((c) => (c.periods ?? []).some((p) => p.index === 1 && !p.partial));
  const explain = t(`cohorts.measure.${measure}.sentence`);
  if (ripe.length < 6) return explain;
  const half = Math.min(6, Math.floor(ripe.length / 2));
  const at = measure === "cumulative" ? Math.min(3, 1) : 1;
  const mean = (part: typeof ripe) => averages(part, measure)[at];
  const older = mean(ripe.slice(-2 * half, -half));
  const newer = mean(ripe.slice(-half));
  if (older === null || older === undefined || newer === null || newer === undefined) return explain;
  const values = { count: half, newer: write(f, newer, measure, currency), older: write(f, older, measure, currency) };
  return `${explain} ${t("cohorts.compareHalves", values)}`;
}
