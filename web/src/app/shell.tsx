import { Drawer } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";

import { statusQuery } from "../api/status";
import type { LogState } from "../api/live";
import type { Status } from "../api/types";
import { useFormat, useWords } from "../i18n/use";
import { IconButton } from "../ui/controls";
import { Icon } from "../ui/icons";
import { Empty, ErrorNote, LoadingPage } from "../ui/state";
import { Freshness } from "./freshness";
import { destinations } from "./places";
import { QuickFind } from "./quickfind";
import { LanguageSwitch, ScopeBar, ThemeSwitch } from "./scopebar";
import { SignOut } from "./signin";
import css from "./shell.module.css";

/** The frame around every screen. */
export function Shell() {
  const t = useWords();
  const status = useQuery(statusQuery);
  const [menu, setMenu] = useState(false);
  const [finding, setFinding] = useState(false);
  const closeFind = useCallback(() => setFinding(false), []);
  const path = useRouterState({ select: (state) => state.location.pathname });

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setFinding(true);
      }
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);

  return (
    <div className={css.shell}>
      <a className={css.skip} href="#content">{t("shell.skip")}</a>
      <aside className={css.side} aria-label="Dangol"><Side status={status.data} /></aside>
      <div className={css.main}>
        <header className={css.bar}>
          <div className={css.burger}><IconButton icon="menu" size="lg" label={t("shell.menu")} expanded={menu} onClick={() => setMenu(true)} /></div>
          <Link to="/" className={css.smallMark} aria-label="Dangol"><Mark /></Link>
          <button type="button" className={css.find} onClick={() => setFinding(true)} aria-keyshortcuts="Meta+K Control+K" aria-label={t("find.open")}>
            <Icon name="search" size={16} /><span className={css.findText}>{t("find.open")}</span><kbd className={css.kbd}>⌘K</kbd>
          </button>
          <div className={css.scope}>{status.data && status.data.customers > 0 && !withoutScope.test(path) ? <ScopeBar status={status.data} /> : null}</div>
          <div className={css.prefs}><LanguageSwitch /><ThemeSwitch /><SignOut /></div>
        </header>
        {status.data?.simulated ? <aside className={css.simulated} aria-label={t("shell.simulated")}><strong>{t("shell.simulated")}</strong> <span>{t("shell.simulatedMore")}</span></aside> : null}
        {status.data?.log ? <Ingestion log={status.data.log} /> : null}
        <main id="content" tabIndex={-1} className={css.content}><Content status={status} path={path} /></main>
      </div>
      {menu ? (
        <Drawer.Root opened onClose={() => setMenu(false)} size={272} padding={0} zIndex={200}>
          <Drawer.Overlay />
          <Drawer.Content aria-label={t("shell.menu")}><Drawer.Body><div className={css.drawer}><Side status={status.data} onClose={() => setMenu(false)} /></div></Drawer.Body></Drawer.Content>
        </Drawer.Root>
      ) : null}
      {finding ? <QuickFind onClose={closeFind} /> : null}
    </div>
  );
}

// Whether events still come in concerns everybody, on whatever screen.
function Ingestion({ log }: { log: LogState }) {
  const t = useWords();
  const f = useFormat();
  if (log.state === "ok" || log.state === "behind") return null;
  return (
    <aside className={css.stalled} role="alert">
      <Icon name="warning" size={16} /><span><strong>{t(`shell.log.${log.state}`)}</strong> {t(`shell.log.${log.state}More`, { time: f.seconds(log.oldest_unprocessed_s), n: f.int(log.lag_events ?? log.lag_messages) })}</span><Link to="/live">{t("shell.log.look")}</Link>
    </aside>
  );
}

// Screens that follow neither a market nor a day.
const withoutScope = /^\/(import|live|sources|settings)(\/|$)/;

// Screens that have something to say of people who have not ordered yet, or of none.
const withoutOrders = /^\/(?:(?:import|live|sources|settings|segments)(?:\/|$)|customers\/.)/;

// Before the first import every screen but that one has nothing to say, and says what to do.
function Content({ status, path }: { status: { data: Status | undefined; error: unknown; refetch: () => unknown }; path: string }) {
  const t = useWords();
  if (!status.data && status.error) return <ErrorNote error={status.error} retry={() => void status.refetch()} />;
  if (status.data && status.data.customers === 0 && !withoutOrders.test(path)) {
    return (
      <Empty alone icon="import" title={t("shell.emptyTitle")} sentence={t("shell.emptySentence")}
        action={<span className={css.emptyActions}><Link to="/import" className={css.emptyLink}>{t("shell.emptyAction")}</Link><Link to="/sources/new">{t("sources.add")}</Link></span>} />
    );
  }
  // Whether there is anything to ask about is not known yet: an empty shop would answer each question with a fault.
  if (!status.data && !withoutOrders.test(path)) return <LoadingPage />;
  return <Outlet />;
}

function Mark() {
  return (
    <svg width={26} height={26} viewBox="0 0 32 32" aria-hidden focusable="false">
      <rect width="32" height="32" rx="8" fill="var(--brand)" />
      <g fill="none" stroke="var(--brand-ink)" strokeWidth="3.2" strokeLinecap="round" strokeLinejoin="round"><path d="M21.5 8.2a9.3 9.3 0 1 0 3.6 9.6" /><path d="M25.6 6.4v6.2h-6.2" /></g>
      <circle cx="16" cy="16" r="2.6" fill="var(--brand-ink)" />
    </svg>
  );
}

const parts = ["see", "understand", "foresee", "data"] as const;

function Side({ status, onClose }: { status: Status | undefined; onClose?: () => void }) {
  const t = useWords();
  return (
    <div className={css.sideInner}>
      <div className={css.brandRow}>
        <Link to="/" className={css.brand} aria-label="Dangol"><Mark /><span>Dangol</span></Link>
        {onClose ? <IconButton icon="close" label={t("shell.close")} onClick={onClose} /> : null}
      </div>
      <nav aria-label={t("shell.navigation")} className={css.nav}>
        {parts.map((part) => (
          <ul key={part} className={css.navPart} aria-label={t(`shell.part.${part}`)}>
            {destinations.filter((d) => d.part === part).map((d) => (
              <li key={d.to}>
                <Link to={d.to} onClick={onClose} className={css.navLink} activeOptions={{ exact: d.to === "/", includeSearch: false }} activeProps={{ "data-active": true, "aria-current": "page" } as never}>
                  <Icon name={d.icon} />{t(`nav.${d.key}`)}
                </Link>
              </li>
            ))}
          </ul>
        ))}
      </nav>
      {status ? <Freshness status={status} /> : null}
    </div>
  );
}
