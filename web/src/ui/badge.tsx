import type { ReactNode } from "react";

import { useFormat, useSentence } from "../i18n/use";
import { groupColor } from "../lib/groups";
import css from "./badge.module.css";

/** An RFM group by its colour and name; `full` says that it is one, where stages stand beside it. */
export function GroupBadge({ group, full }: { group: string; full?: boolean }) {
  const sentence = useSentence();
  if (!group) return null;
  const name = sentence(`group.${group}.name`) ?? group;
  return (
    <span className={css.badge}>
      <span className={css.dot} style={{ background: groupColor(group) }} aria-hidden />
      {full ? sentence("kind.group", { name }) : name}
    </span>
  );
}

/** A fact in one word. */
export function Tag({ children, tone = "plain" }: { children: ReactNode; tone?: "plain" | "good" | "warn" | "bad" | "brand" }) {
  return <span className={css.tag} data-tone={tone}>{children}</span>;
}

/** A change since before, with its sign and a colour for good or bad. `good` says which way is welcome. */
export function Delta({ change, good = "up", label }: { change: number | null; good?: "up" | "down" | "neither"; label?: string }) {
  const f = useFormat();
  if (change === null) return null;
  const flat = Math.abs(change) < 0.0005;
  const tone = flat || good === "neither" ? "plain" : change > 0 === (good === "up") ? "good" : "bad";
  return (
    <span className={css.delta} data-tone={tone} title={label}>
      {f.change(change)}
    </span>
  );
}

/** A probability as a bar and a figure; the colour says whether much is good. */
export function Meter({ value, tone = "good" }: { value: number | null; tone?: "good" | "bad" }) {
  const f = useFormat();
  if (value === null || value === undefined) return <span className={css.none}>–</span>;
  return (
    <span className={css.meter}>
      <span className={css.track} aria-hidden><span className={css.fill} data-tone={tone} style={{ width: `${Math.round(value * 100)}%` }} /></span>
      <span className={css.figure}>{f.share(value)}</span>
    </span>
  );
}

/** A score from 1 to 5 as five steps. */
export function Score({ label, score, meaning }: { label: string; score: number; meaning: string }) {
  return (
    <div className={css.score}>
      <span className={css.scoreLabel}>{label}</span>
      <span className={css.steps} aria-hidden>
        {[1, 2, 3, 4, 5].map((step) => <span key={step} data-on={step <= score || undefined} />)}
      </span>
      <span className={css.scoreValue}>{score}<span className={css.of}>/5</span></span>
      <span className={css.scoreMeaning}>{meaning}</span>
    </div>
  );
}
