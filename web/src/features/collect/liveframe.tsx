import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { statusQuery } from "../../api/status";
import { useFormat, useWords } from "../../i18n/use";
import { Page } from "../../ui/page";
import { Tabs } from "../../ui/tabs";
import { HealthStrip } from "./health";

/** What the three screens of the stream share: its health and the way between them. */
export function LiveFrame({ lede, actions, children }: { lede: string; actions?: ReactNode; children: ReactNode }) {
  const t = useWords();
  const f = useFormat();
  const { data: status } = useQuery(statusQuery);
  const log = status?.log;
  const count = (n: number | undefined) => (n ? f.int(n) : undefined);
  return (
    <Page title={t("live.title")} lede={lede} actions={actions}>
      <HealthStrip />
      <Tabs label={t("live.tabs")} tabs={[
        { to: "/live", label: t("live.stream.title") },
        { to: "/live/quarantine", label: t("live.quarantine.title"), count: count(log?.quarantined), tone: "warn" },
        { to: "/live/dead-letters", label: t("live.dead.title"), count: count(log?.dead_letters), tone: "bad" },
      ]} />
      {children}
    </Page>
  );
}
