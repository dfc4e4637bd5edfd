import type { Kpi } from "../../api/types";
import { ChartFrame } from "../../charts/frame";
import { Spark } from "../../charts/spark";
import { useFormat, useWords } from "../../i18n/use";
import { Delta } from "../../ui/badge";
import { Stat, Stats } from "../../ui/stat";
import { balance, changeIn, kpiSpecs } from "./kpis";

/** The figures of the period with their courses; the table and the CSV hold every step of every course. */
export function KpiGrid({ kpi, days }: { kpi: Kpi; days: number }) {
  const t = useWords();
  const f = useFormat();
  const whole = (kpi.series ?? []).filter((point) => !point.partial);
  const courses = kpiSpecs.flatMap((spec) => (spec.course ? [{ ...spec, course: spec.course }] : []));
  const steps = t(`figures.steps.${kpi.bucket as "day" | "week" | "month"}`);
  const says = kpi.previous ? `${t("figures.sentence", { ...balance(kpi), all: kpiSpecs.length, count: days })} ${steps}` : steps;
  return (
    <ChartFrame flush title={t("figures.title")} sentence={says} file="dangol-figures"
      figures={{
        head: [t("trend.start"), ...courses.map((spec) => t(`kpi.${spec.key}.name`))],
        rows: whole.map((point) => [f.day(point.start), ...courses.map((spec) => { const v = spec.course(point); return v === null ? "–" : spec.step(f, v, kpi.revenue.currency); })]),
        raw: whole.map((point) => [point.start, ...courses.map((spec) => spec.course(point))]),
      }}>
      <Stats wide bare>
        {kpiSpecs.map((spec) => (
          <Stat key={spec.key} label={t(`kpi.${spec.key}.name`)} meaning={t(`kpi.${spec.key}.meaning`)} value={spec.write(f, kpi)} exact={spec.exact?.(f, kpi)}
            aside={<Delta change={changeIn(spec, kpi)} good={spec.good} label={t("overview.against", { count: days })} />}
            below={kpi.previous ? t("overview.before", { value: spec.write(f, kpi.previous) }) : undefined}
            picture={spec.course ? <Spark values={whole.map(spec.course)} /> : undefined} />
        ))}
      </Stats>
    </ChartFrame>
  );
}
