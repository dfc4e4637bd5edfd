import { useEffect, type ReactNode } from "react";

import { Emphasised, plain } from "../i18n/use";
import css from "./page.module.css";

interface PageProps {
  title: string;
  /** The page's answer in one sentence; <b> marks what to see first. */
  lede?: string | undefined;
  actions?: ReactNode;
  above?: ReactNode;
  children: ReactNode;
}

/** A screen: what it is, what it says, and then how it knows. */
export function Page({ title, lede, actions, above, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Dangol`;
  }, [title]);
  return (
    <div className={css.page}>
      <header className={css.head}>
        <div className={css.words}>
          {above}
          <h1 className={css.title}>{title}</h1>
          {lede ? <p className={css.lede} title={plain(lede)}><Emphasised text={lede} /></p> : null}
        </div>
        {actions ? <div className={css.actions}>{actions}</div> : null}
      </header>
      {children}
    </div>
  );
}

interface PanelProps {
  title?: string;
  note?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  flush?: boolean;
}

/** A sheet of paper on the desk. */
export function Panel({ title, note, actions, children, flush }: PanelProps) {
  return (
    <section className={css.panel} data-flush={flush || undefined} {...(title ? { "aria-label": title } : {})}>
      {title || actions ? (
        <div className={css.panelHead}>
          <div>
            {title ? <h2 className={css.panelTitle}>{title}</h2> : null}
            {note ? <p className={css.panelNote}>{note}</p> : null}
          </div>
          {actions ? <div className={css.actions}>{actions}</div> : null}
        </div>
      ) : null}
      {children}
    </section>
  );
}

/** Panels side by side where there is room; `lead` gives the first two thirds. */
export function Columns({ children, kind = "even" }: { children: ReactNode; kind?: "even" | "lead" | "three" }) {
  return <div className={css.columns} data-kind={kind}>{children}</div>;
}

export function Stack({ children }: { children: ReactNode }) {
  return <div className={css.stack}>{children}</div>;
}

/** Controls in a line that wraps. */
export function Row({ children, spread }: { children: ReactNode; spread?: boolean }) {
  return <div className={css.row} data-spread={spread || undefined}>{children}</div>;
}
