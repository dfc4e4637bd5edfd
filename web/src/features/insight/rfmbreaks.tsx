import type { Rfm } from "../../api/types";
import { useFormat, useWords } from "../../i18n/use";
import { Panel } from "../../ui/page";
import css from "./rfm.module.css";

/** Where one score ends and the next begins: so that nobody has to trust a digit. */
export function RfmBreaks({ rfm }: { rfm: Rfm }) {
  const t = useWords();
  const f = useFormat();
  const { breaks } = rfm;
  const recency = breaks.recency_days ?? [];
  const falls = recency.length > 1 && (recency[0] ?? 0) > (recency.at(-1) ?? 0);
  // Few days are good: the lowest break bounds the best score.
  const days = falls ? recency.toReversed() : recency;
  return (
    <Panel title={t("rfm.breaks.title")} note={t("rfm.breaks.note")}>
      <div className={css.breaks}>
        <Scale title={t("rfm.recency")} note={t("rfm.recencyMeaning")} steps={stepsOf(days.map((d) => f.int(d)), (text) => t("rfm.breaks.atMost", { text }), (text) => t("rfm.breaks.over", { text })).toReversed()} />
        <Scale title={t("rfm.frequency")} note={t("rfm.frequencyMeaning")} steps={stepsOf((breaks.orders ?? []).map((n) => f.int(n)), (text) => t("rfm.breaks.atMost", { text }), (text) => t("rfm.breaks.over", { text }))} />
        <Scale title={t("rfm.monetary")} note={t("rfm.monetaryMeaning")} steps={stepsOf((breaks.spend ?? []).map((m) => f.moneyShort(m)), (text) => t("rfm.breaks.atMost", { text }), (text) => t("rfm.breaks.over", { text }))} />
      </div>
    </Panel>
  );
}

function stepsOf(breaks: string[], atMost: (text: string) => string, over: (text: string) => string): string[] {
  const last = breaks.at(-1);
  return last === undefined ? [] : [...breaks.map(atMost), over(last)];
}

function Scale({ title, note, steps }: { title: string; note: string; steps: string[] }) {
  const said = steps.length === 5 ? steps : [];
  return (
    <div>
      <h3>{title}</h3>
      <p>{note}</p>
      <ol className={css.scale}>{said.map((text, at) => <li key={`${at}:${text}`} style={{ "--step": at } as React.CSSProperties}><b>{at + 1}</b>{text}</li>)}</ol>
    </div>
  );
}
