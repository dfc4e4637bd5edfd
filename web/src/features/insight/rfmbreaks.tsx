import type { Rfm } from "../../api/types";
import { useFormat, useWords } from "../../i18n/use";
import { Panel } from "../../ui/page";
import css from "./rfm.module.css";

/** Where one score ends and the next begins: so that nobody has to trust a digit. */
export function RfmBreaks({ rfm }: { rfm: Rfm }) {
  const t = useWords();
  const f = useFormat();
  const { breaks } = rfm;
  return (
    <Panel title={t("rfm.breaks.title")} note={t("rfm.breaks.note")}>
      <div className={css.breaks}>
        <Scale title={t("rfm.recency")} note={t("rfm.recencyMeaning")} steps={stepsOf((breaks.recency_days ?? []).map((d) => f.int(d)), (text) => t("rfm.breaks.over", { text }), (text) => t("rfm.breaks.atMost", { text }))} />
        <Scale title={t("rfm.frequency")} note={t("rfm.frequencyMeaning")} steps={stepsOf((breaks.orders ?? []).map((n) => f.int(n)), (text) => t("rfm.breaks.under", { text }), (text) => t("rfm.breaks.atLeast", { text }))} />
        <Scale title={t("rfm.monetary")} note={t("rfm.monetaryMeaning")} steps={stepsOf((breaks.spend ?? []).map((m) => f.moneyShort(m)), (text) => t("rfm.breaks.under", { text }), (text) => t("rfm.breaks.atLeast", { text }))} />
      </div>
    </Panel>
  );
}

// The breaks are what it takes to reach the scores 2 to 5; whoever misses the first has score 1.
function stepsOf(breaks: string[], misses: (text: string) => string, reaches: (text: string) => string): string[] {
  const first = breaks[0];
  return first === undefined ? [] : [misses(first), ...breaks.map(reaches)];
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
