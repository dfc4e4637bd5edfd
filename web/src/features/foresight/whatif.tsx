import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { useFormat, useWords } from "../../i18n/use";
import { Button } from "../../ui/controls";
import { Panel } from "../../ui/page";
import { ErrorNote } from "../../ui/state";
import css from "./foresight.module.css";
import { askWhatIf, leversQuery, traitsQuery } from "./queries";
import type { Lever } from "./shapes";
import { useSaid } from "./words";

/** What the model would say if something were otherwise. It is the model's answer, not a promise. */
export function WhatIfPanel({ id, risk }: { id: string; risk: number }) {
  const t = useWords();
  const f = useFormat();
  const levers = useQuery(leversQuery);
  const now = useQuery(traitsQuery(id)).data;
  const [set, setSet] = useState<Record<string, number>>({});
  const keys = Object.keys(set).toSorted();
  const answer = useQuery({ queryKey: ["what-if", id, keys.map((key) => [key, set[key]])], queryFn: () => askWhatIf(id, set), enabled: keys.length > 0, placeholderData: (before) => before, retry: false });
  if (!levers.data || levers.data.length === 0) return null;
  const after = keys.length > 0 ? answer.data?.after.risk : undefined;
  const change = after === undefined ? 0 : after - risk;
  return (
    <Panel title={t("foresight.whatif.title")} note={t("foresight.whatif.note")} actions={keys.length > 0 ? <Button size="xs" icon="undo" onClick={() => setSet({})}>{t("foresight.whatif.reset")}</Button> : undefined}>
      <p className={css.outcome} role="status">
        {after === undefined ? <b>{f.share(risk)}</b> : <><del>{f.share(risk)}</del><b>{f.share(after)}</b><span className={css.effect} data-tone={change > 0 ? "bad" : "good"}>{t("foresight.points", { n: `${change < 0 ? "−" : "+"}${f.decimal(Math.abs(change) * 100, 0)}` })}</span></>}
      </p>
      <div className={css.levers}>{levers.data.map((lever) => <Slider key={lever.trait} lever={lever} now={now?.[lever.trait]} value={set[lever.trait]} onChange={(value) => setSet((before) => ({ ...before, [lever.trait]: value }))} />)}</div>
      {answer.error ? <ErrorNote error={answer.error} /> : null}
    </Panel>
  );
}

function Slider({ lever, now, value, onChange }: { lever: Lever; now: number | undefined; value: number | undefined; onChange: (value: number) => void }) {
  const t = useWords();
  const f = useFormat();
  const said = useSaid();
  const label = said(lever.labels) || lever.trait;
  const span = lever.max - lever.min;
  const step = lever.unit === "count" || lever.unit === "days" || lever.unit === "flag" ? 1 : span / 50;
  const write = (n: number) => (lever.unit === "share" ? f.share(n) : lever.unit === "flag" ? t(n > 0 ? "foresight.whatif.yes" : "foresight.whatif.no") : Number.isInteger(n) ? f.int(n) : f.decimal(n, 1));
  return (
    <label className={css.lever}>
      <span className={css.leverHead}><span>{label}</span><b>{value !== undefined ? write(value) : now === undefined ? t("foresight.whatif.asIs") : t("foresight.whatif.now", { value: write(now) })}</b></span>
      <input type="range" min={lever.min} max={lever.max} step={step} value={value ?? now ?? lever.min} aria-label={label} aria-valuetext={value === undefined ? t("foresight.whatif.asIs") : write(value)} onChange={(event) => onChange(Number(event.currentTarget.value))} />
    </label>
  );
}
