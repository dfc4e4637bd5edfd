// What a screen shows when it is not yet, or not, full.
import type { ReactNode } from "react";

import { Fault } from "../api/client";
import { useSentence, useWords } from "../i18n/use";
import { Button } from "./controls";
import { Icon, type IconName } from "./icons";
import css from "./state.module.css";

/** A grey shape where something will be; `height` keeps the page from jumping when it comes. */
export function Skeleton({ height = 16, width = "100%" }: { height?: number | string; width?: number | string }) {
  return <span className={css.skeleton} style={{ height, width }} />;
}

/** A screen's worth of grey shapes, said once to those who cannot see them. */
export function Loading({ children }: { children: ReactNode }) {
  const t = useWords();
  return (
    <div aria-busy="true" className={css.loading}>
      <span className="visually-hidden" role="status">{t("state.loading")}</span>
      <div aria-hidden>{children}</div>
    </div>
  );
}

/** The usual skeleton: a row of figures, then a picture. */
export function LoadingPage({ rows = 1 }: { rows?: number }) {
  return (
    <Loading>
      <div className={css.blocks}>
        {Array.from({ length: rows }, (_, at) => (
          <div key={at} className={css.block}><Skeleton height={14} width="28%" /><Skeleton height={12} width="52%" /><Skeleton height={220} /></div>
        ))}
      </div>
    </Loading>
  );
}

interface EmptyProps {
  icon?: IconName;
  title: string;
  sentence: string;
  action?: ReactNode;
  /** Whether this is all there is on the screen: its title is then the page's. */
  alone?: boolean;
}

/** Nothing here, why, and what to do about it. */
export function Empty({ icon = "info", title, sentence, action, alone }: EmptyProps) {
  const Title = alone ? "h1" : "h2";
  return (
    <div className={css.empty}>
      <span className={css.emptyIcon}><Icon name={icon} size={26} /></span>
      <Title className={css.emptyTitle}>{title}</Title>
      <p className={css.emptyText}>{sentence}</p>
      {action}
    </div>
  );
}

/** What went wrong in the server's own sentence, with the next step and another try. */
export function ErrorNote({ error, retry }: { error: unknown; retry?: () => void }) {
  const t = useWords();
  const fault = error instanceof Fault ? error : null;
  const word = useSentence();
  const offline = fault?.reason === "console.offline";
  const key = fault ? `fault.${fault.reason.replace(/^.*\./, "")}` : "";
  const sentence = offline ? t("state.offline") : word(`${key}.text`) || fault?.message || (error instanceof Error ? error.message : t("state.unknown"));
  const next = offline ? t("state.offlineNext") : (word(`${key}.next`) ?? fault?.next);
  return (
    <div className={css.error} role="alert">
      <Icon name="warning" size={20} />
      <div>
        <p className={css.errorText}>{sentence}</p>
        {fault?.details.map((detail) => <p key={detail} className={css.errorNext}>{detail}</p>)}
        {next ? <p className={css.errorNext}>{next}</p> : null}
        {retry ? <div className={css.errorAction}><Button size="xs" onClick={retry}>{t("state.retry")}</Button></div> : null}
      </div>
    </div>
  );
}

/** A remark that matters but stops nobody. */
export function Note({ tone = "plain", children }: { tone?: "plain" | "good" | "warn" | "bad"; children: ReactNode }) {
  return (
    <div className={css.note} data-tone={tone}>
      <Icon name={tone === "warn" || tone === "bad" ? "warning" : tone === "good" ? "check" : "info"} size={17} />
      <div>{children}</div>
    </div>
  );
}

interface AnswerState<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

/** Loading, failed or here: the three states of every question, in one place. */
export function Answer<T>({ query, loading, children }: { query: AnswerState<T>; loading?: ReactNode; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <ErrorNote error={query.error} retry={() => void query.refetch()} />;
  return loading ?? <LoadingPage />;
}
