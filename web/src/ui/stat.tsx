import type { ReactNode } from "react";

import css from "./stat.module.css";
import { Term } from "./term";

interface StatProps {
  label: string;
  value: string;
  /** What the figure means and how it is counted; shown on hover and focus. */
  meaning?: string | undefined;
  /** The whole figure where `value` is shortened. */
  exact?: string | undefined;
  aside?: ReactNode;
  below?: ReactNode;
  picture?: ReactNode;
}

/** One figure with its name, its meaning, its change and its course. */
export function Stat({ label, value, meaning, exact, aside, below, picture }: StatProps) {
  return (
    <div className={css.stat}>
      <div className={css.label}>{meaning ? <Term meaning={meaning}>{label}</Term> : label}</div>
      <div className={css.line}>
        <span className={css.value} title={exact && exact !== value ? exact : undefined}>{value}</span>
        {aside}
      </div>
      {below ? <div className={css.below}>{below}</div> : null}
      {picture ? <div className={css.picture} aria-hidden>{picture}</div> : null}
    </div>
  );
}

/** Figures in one sheet, divided by hairlines; `bare` where something around them is the sheet. */
export function Stats({ children, wide, bare }: { children: ReactNode; wide?: boolean; bare?: boolean }) {
  return <div className={css.stats} data-wide={wide || undefined} data-bare={bare || undefined}>{children}</div>;
}
