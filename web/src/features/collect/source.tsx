import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";

import type { Source } from "../../api/live";
import { useFormat, useWords } from "../../i18n/use";
import { now } from "../../lib/days";
import { GoLink } from "../../ui/golink";
import { Icon } from "../../ui/icons";
import { Page, Panel } from "../../ui/page";
import { Answer, LoadingPage, Note } from "../../ui/state";
import { Stat, Stats } from "../../ui/stat";
import { FirstEvent } from "./firstevent";
import { sourcesQuery } from "./livequeries";
import { AnySnippet } from "./snippetsteps";
import { HealthTag, useSourceWords } from "./sources";
import css from "./sources.module.css";
import { HookPanels } from "./hook";

/** One source: whether it sends, what of it could not be used, and how it is connected. */
export function SourceScreen() {
  const t = useWords();
  const { id } = useParams({ from: "/sources/$id" });
  const query = useQuery(sourcesQuery);
  const source = query.data?.items?.find((one) => one.id === id);
  const words = useSourceWords();
  const title = source ? words.name(source) : query.data ? id : t("sources.title");
  return (
    <Page title={title} lede={source ? words.kind(source) : undefined} above={<Link to="/sources" className={css.back}><Icon name="left" size={14} />{t("sources.title")}</Link>}
      actions={<GoLink to="/live" search={{ source: id }} look="quiet" icon="live">{t("sources.seeEvents")}</GoLink>}>
      <Answer query={query} loading={<LoadingPage />}>
        {() => (source ? <Full source={source} /> : <Note tone="warn">{t("sources.missing")}</Note>)}
      </Answer>
    </Page>
  );
}

function Full({ source }: { source: Source }) {
  const t = useWords();
  const f = useFormat();
  return (
    <>
      <Stats>
        <Stat label={t("sources.column.last")} value={source.last_event_at ? f.ago(source.last_event_at, now()) : t("sources.never")} exact={f.moment(source.last_event_at)} aside={<HealthTag health={source.health} />} />
        <Stat label={t("sources.column.events")} value={f.int(source.events_24h)} below={t("sources.last24h")} />
        <Stat label={t("sources.column.aside")} value={f.int(source.quarantined_24h)} below={t("sources.last24h")} />
        <Stat label={t("sources.column.duplicates")} meaning={t("live.health.duplicatesMeaning")} value={f.int(source.duplicates_24h)} below={t("sources.last24h")} />
      </Stats>
      {source.health === "new" ? <Panel title={t("wizard.first")}><FirstEvent source={source.id} /></Panel> : null}
      {source.kind === "webhook" ? <HookPanels id={source.id} /> : null}
      {source.kind === "key" ? <Panel title={t("sources.install")} note={t("sources.installNote")}><AnySnippet sampleKey={t("sources.yourKey")} /></Panel> : null}
    </>
  );
}
