import { useCallback, useMemo } from "react";

import { Bars } from "../../charts/bars";
import { ChartFrame } from "../../charts/frame";
import { useFormat, useSentence, useWords } from "../../i18n/use";
import { Columns, Panel, Stack } from "../../ui/page";
import { Stat, Stats } from "../../ui/stat";
import css from "./foresight.module.css";
import type { RecommendCard } from "./shapes";
import { useSaid } from "./words";

/** How good the winner is at the days it had not seen, beside the others that were tried. */
export function RecommendPerformance({ card }: { card: RecommendCard }) {
  const t = useWords();
  const f = useFormat();
  const said = useSaid();
  const sentence = useSentence();
  const trials = useMemo(() => (card.trials ?? []).toSorted((a, b) => b.ndcg - a.ndcg), [card]);
  const best = trials.find((trial) => trial.chosen) ?? trials[0];
  const x = useMemo(() => trials.map((trial) => sentence(`recommendations.model.${trial.name}`) ?? trial.label), [trials, sentence]);
  const series = useMemo(() => [{ name: "NDCG@10", values: trials.map((trial) => trial.ndcg), tokens: trials.map((trial) => (trial.chosen ? "--series-1" : "--series-before")) }], [trials]);
  const write = useCallback((n: number) => f.decimal(n, 3), [f]);
  const tip = useCallback((at: number) => (trials[at] ? [{ name: t("recommendations.hitRate"), value: f.percent(trials[at].hit_rate, 1) }, { name: t("recommendations.coverage"), value: f.percent(trials[at].coverage, 1) }] : []), [trials, f, t]);
  const text = best ? t("recommendations.performance.sentence", { name: sentence(`recommendations.model.${best.name}`) ?? best.label, hits: f.share(best.hit_rate) }) : t("recommendations.performance.none");
  return (
    <>
      {best ? (
        <Stats>
          <Stat label={t("recommendations.hitRate")} meaning={t("recommendations.hitRateMeaning")} value={f.percent(best.hit_rate, 1)} />
          <Stat label="NDCG@10" meaning={t("recommendations.ndcgMeaning")} value={f.decimal(best.ndcg, 4)} below={t("recommendations.between", { low: f.decimal(best.ndcg_low, 4), high: f.decimal(best.ndcg_high, 4) })} />
          <Stat label={t("recommendations.coverage")} meaning={t("recommendations.coverageMeaning")} value={f.percent(best.coverage, 1)} />
        </Stats>
      ) : null}
      <Columns kind="lead">
        <ChartFrame title={t("recommendations.performance.title")} sentence={text} file="dangol-recommendation-models"
          figures={{
            head: [t("health.candidates.model"), "NDCG@10", t("recommendations.hitRate"), t("recommendations.coverage")],
            rows: trials.map((trial, at) => [x[at] ?? "", f.decimal(trial.ndcg, 4), f.percent(trial.hit_rate, 1), f.percent(trial.coverage, 1)]),
            raw: trials.map((trial) => [trial.name, trial.ndcg, trial.hit_rate, trial.coverage]),
          }}>
          <Bars horizontal label={text} x={x} series={series} write={write} tip={tip} height={Math.max(220, trials.length * 34 + 30)} />
        </ChartFrame>
        <Stack>
          <Panel title={t("predictions.drift.title")}><p className={css.modelText}>{drift(card, t, f)}</p></Panel>
          <Panel title={t("recommendations.how")}><p className={css.modelText}>{said(card.sentences)}</p><p className={css.modelText}>{t("recommendations.honest")}</p></Panel>
        </Stack>
      </Columns>
    </>
  );
}

/** Whether what sells now is still what it learned from. */
function drift(card: RecommendCard, t: ReturnType<typeof useWords>, f: ReturnType<typeof useFormat>): string {
  const { status, psi, new_share, lines } = card.drift;
  if (status === "unknown" || psi === null || new_share === null) return t("recommendations.drift.unknown");
  return t(`recommendations.drift.${status}`, { psi: f.decimal(psi, 2), fresh: f.percent(new_share, 0), n: f.int(lines) });
}
