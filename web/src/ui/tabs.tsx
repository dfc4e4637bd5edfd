import { Link } from "@tanstack/react-router";

import css from "./tabs.module.css";

export interface Tab {
  to: string;
  label: string;
  count?: string | undefined;
  tone?: "bad" | "warn" | undefined;
  /** A tab that differs from its neighbours by one key of the address only. */
  search?: Record<string, string | undefined>;
  params?: Record<string, string>;
  active?: boolean;
}

/** Sister screens side by side. They are links: each has its own address. */
export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
  return (
    <nav className={css.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <Link key={tab.to + JSON.stringify(tab.search ?? {})} to={tab.to as "/"} params={(tab.params ?? {}) as never} search={(tab.search ?? {}) as never} className={css.tab}
          activeOptions={{ exact: true, includeSearch: false }} activeProps={tab.active === undefined ? ({ "data-active": true, "aria-current": "page" } as never) : {}}
          {...(tab.active ? { "data-active": true, "aria-current": "page" as const } : {})}>
          {tab.label}{tab.count ? <span className={css.count} data-tone={tab.tone}>{tab.count}</span> : null}
        </Link>
      ))}
    </nav>
  );
}
