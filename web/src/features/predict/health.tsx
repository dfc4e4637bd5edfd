import type { Clv } from "../../api/types";
import { Emphasised, useFormat, useSentence, useWords } from "../../i18n/use";
import { Tag } from "../../ui/badge";
import { Columns, Panel, Stack } from "../../ui/page";
import { Note } from "../../ui/state";
import { Table } from "../../ui/table";
import css from "./health.module.css";
import { ByFrequencyChart, HistogramChart, TrackingChart } from "./tracking";

/** The model's own examination: forecast against what then happened, in pictures and in words. */
export function ModelHealth({ clv }: { clv: Clv }) {
  const t = useWords();
  return (
    <>
      <div className={css.head}>
        <h2>{t("health.title")}</h2>
        <Verdict clv={clv} />
      </div>
      <Warnings clv={clv} />
      {clv.model ? <Examination clv={clv} /> : <Candidates clv={clv} />}
    </>
  );
}

function Examination({ clv }: { clv: Clv }) {
  return (
    <>
      <Columns>
        {clv.holdout ? <TrackingChart holdout={clv.holdout} kind="cumulative" /> : null}
        {clv.holdout ? <TrackingChart holdout={clv.holdout} kind="weekly" /> : null}
      </Columns>
      <Columns>
        {(clv.histogram ?? []).length > 0 ? <HistogramChart clv={clv} /> : null}
        {(clv.holdout?.by_frequency ?? []).length > 0 && clv.holdout ? <ByFrequencyChart holdout={clv.holdout} /> : null}
      </Columns>
      <Columns kind="lead">
        <Parameters clv={clv} />
        <Stack><Candidates clv={clv} /></Stack>
      </Columns>
    </>
  );
}

function Verdict({ clv }: { clv: Clv }) {
  const t = useWords();
  const f = useFormat();
  const sentence = useSentence();
  const { holdout } = clv;
  if (!clv.model) return <p className={css.verdict}><Emphasised text={t("health.verdict.none")} /></p>;
  const model = sentence(`model.${clv.model}`) ?? clv.model;
  if (!holdout || !(holdout.actual > 0)) return <p className={css.verdict}><Emphasised text={t("health.noHoldout", { model, n: f.int(clv.repeat_customers) })} /></p>;
  const miss = (holdout.expected - holdout.actual) / holdout.actual;
  const values = { model, until: f.day(holdout.calibrate_until), expected: f.int(holdout.expected), actual: f.int(holdout.actual), size: f.percent(Math.abs(miss), 1) };
  const grade = Math.abs(miss) <= 0.05 ? "good" : Math.abs(miss) <= 0.15 ? "fair" : "poor";
  return <p className={css.verdict}><Emphasised text={`${t(`health.verdict.${grade}`)} ${miss >= 0 ? t("health.over", values) : t("health.under", values)}`} /></p>;
}

function Warnings({ clv }: { clv: Clv }) {
  const sentence = useSentence();
  return (clv.warnings ?? []).map((warning) => (
    <Note key={warning.reason + warning.sentence} tone="warn">{sentence(`warning.${warning.reason.replace(/^.*\./, "")}`) ?? warning.sentence}</Note>
  ));
}

function Candidates({ clv }: { clv: Clv }) {
  const t = useWords();
  const f = useFormat();
  const sentence = useSentence();
  const rows = clv.candidates ?? [];
  if (rows.length === 0) return null;
  return (
    <Panel flush title={t("health.candidates.title")} note={t("health.candidates.note")}>
      <Table label={t("health.candidates.title")} rows={rows} rowKey={(row) => row.model}
        columns={[
          { key: "model", head: t("health.candidates.model"), lead: true, cell: (row) => <span className={css.model}>{sentence(`model.${row.model}`) ?? row.model}{row.chosen && clv.model ? <Tag tone="good">{t("health.candidates.chosen")}</Tag> : null}</span> },
          { key: "holdout", head: t("health.candidates.holdout"), meaning: t("health.candidates.holdoutMeaning"), align: "right", cell: (row) => f.decimal(row.holdout_log_likelihood, 1) },
          { key: "mae", head: "MAE", meaning: t("health.candidates.mae"), align: "right", cell: (row) => f.decimal(row.mae, 3) },
          { key: "rmse", head: "RMSE", meaning: t("health.candidates.rmse"), align: "right", wide: true, cell: (row) => f.decimal(row.rmse, 3) },
        ]} />
    </Panel>
  );
}

// As the papers write them.
const order = ["r", "alpha", "a", "b", "s", "beta", "p", "q", "v"];

interface Parameter {
  key: string;
  name: string;
  value: number;
  lower: number | undefined;
  upper: number | undefined;
  meaning: string;
}

function Parameters({ clv }: { clv: Clv }) {
  const t = useWords();
  const f = useFormat();
  const sentence = useSentence();
  const family = clv.model === "paretonbd" ? "paretonbd" : "bgnbd";
  const rowsOf = (part: string, values: Record<string, number>, intervals: Clv["intervals"]): Parameter[] =>
    Object.entries(values).toSorted((x, y) => order.indexOf(x[0]) - order.indexOf(y[0])).map(([name, value]) => ({
      key: `${part}.${name}`, name, value, lower: intervals?.[name]?.determined === false ? undefined : intervals?.[name]?.lower, upper: intervals?.[name]?.upper,
      meaning: sentence(`health.parameter.${part}.${name}`) ?? intervals?.[name]?.meaning ?? "",
    }));
  const spend = clv.spend ? rowsOf("spend", { p: clv.spend.p, q: clv.spend.q, v: clv.spend.v }, clv.spend.intervals) : [];
  return (
    <Panel flush title={t("health.parameters.title")} note={t("health.parameters.note", { model: sentence(`model.${clv.model}`) ?? clv.model, n: f.int(clv.customers), repeat: f.int(clv.repeat_customers), unit: t(`health.unit.${clv.unit === "week" ? "week" : "day"}`) })}>
      <Table label={t("health.parameters.title")} rows={[...rowsOf(family, clv.parameters, clv.intervals), ...spend]} rowKey={(row) => row.key}
        columns={[
          { key: "name", head: t("health.parameters.name"), lead: true, cell: (row) => <code>{row.name}</code> },
          { key: "value", head: t("health.parameters.value"), align: "right", cell: (row) => f.significant(row.value) },
          { key: "interval", head: t("health.parameters.interval"), align: "right", cell: (row) => (row.lower === undefined ? "–" : `${f.significant(row.lower)} – ${f.significant(row.upper)}`) },
          { key: "meaning", head: t("health.parameters.meaning"), wide: true, cell: (row) => <span className={css.meaning}>{row.meaning}</span> },
        ]} />
    </Panel>
  );
}
