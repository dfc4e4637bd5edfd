import { useState } from "react";

import { useFormat, useWords } from "../../i18n/use";
import { Choice } from "../../ui/controls";
import { Panel } from "../../ui/page";
import css from "./foresight.module.css";
import { type Asked, setOf } from "./queries";
import type { ModelCard } from "./shapes";
import { TrainButton } from "./train";
import { useSaid } from "./words";

const horizons = [30, 45, 60, 90, 120, 180, 365];
const bases = ["orders", "subscription"] as const;

/** What leaving means here, in words, and another meaning to learn by. */
export function Definition({ card }: { card: ModelCard }) {
  const t = useWords();
  const f = useFormat();
  const said = useSaid();
  const kept = setOf(card.definition);
  const [basis, setBasis] = useState<string>(kept.basis ?? "");
  const [days, setDays] = useState(kept.horizon_days ? String(kept.horizon_days) : "");
  const asked: Asked = { ...(days ? { horizon_days: Number(days) } : {}), ...(bases.find((one) => one === basis) ? { basis: basis as Asked["basis"] } : {}) };
  const known = kept.horizon_days && !horizons.includes(kept.horizon_days) ? [...horizons, kept.horizon_days].toSorted((a, b) => a - b) : horizons;
  return (
    <Panel title={t("predictions.definition")}>
      <p className={css.modelText}>{said(card.definition.sentences)}</p>
      {card.definition.proposed ? <p className={css.modelText}>{t("predictions.proposed")}</p> : null}
      {card.kind === "churn" ? (
        <details className={css.change}>
          <summary>{t("predictions.change.title")}</summary>
          <Choice label={t("predictions.change.basis")} value={basis} onChange={setBasis}
            options={[{ value: "", label: t("predictions.change.suggested") }, ...bases.map((one) => ({ value: one, label: t(`predictions.change.${one}`) }))]} />
          <Choice label={t("predictions.change.horizon")} value={days} onChange={setDays}
            options={[{ value: "", label: t("predictions.change.suggested") }, ...known.map((n) => ({ value: String(n), label: t("predictions.change.days", { n: f.int(n) }) }))]} />
          <TrainButton kind={card.kind} again ask={asked} />
        </details>
      ) : null}
    </Panel>
  );
}
