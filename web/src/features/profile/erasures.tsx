import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { Erasure } from "../../api/live";
import { useFormat, useWords } from "../../i18n/use";
import { Tag } from "../../ui/badge";
import { Button } from "../../ui/controls";
import { refText } from "../../ui/event";
import { SidePanel } from "../../ui/overlay";
import { Panel } from "../../ui/page";
import { Answer, Empty, LoadingPage } from "../../ui/state";
import { Table } from "../../ui/table";
import { erasuresQuery } from "./peoplequeries";
import { Receipt } from "./receipt";

/** Who was erased, with the receipt of each. */
export function ErasuresScreen() {
  const t = useWords();
  const f = useFormat();
  const query = useQuery(erasuresQuery);
  const [opened, setOpened] = useState<Erasure | null>(null);
  return (
    <Answer query={query} loading={<LoadingPage />}>
      {(data) => (data.items ?? []).length === 0 ? <Empty icon="shield" title={t("erasures.noneTitle")} sentence={t("erasures.none")} /> : (
        <Panel flush title={t("erasures.title")} note={t("erasures.note")}>
          <Table<Erasure> label={t("erasures.title")} rows={data.items ?? []} rowKey={(e) => e.id}
            columns={[
              { key: "who", head: t("erasures.customer"), lead: true, cell: (e) => <code>{refText(e.customer)}</code> },
              { key: "at", head: t("merge.when"), cell: (e) => f.instant(e.at) },
              { key: "state", head: t("erasures.state"), cell: (e) => <Tag tone={e.state === "running" ? "warn" : "good"}>{t(e.state === "running" ? "erasures.running" : "erasures.done")}</Tag> },
              { key: "by", head: t("merge.by"), wide: true, cell: (e) => e.who || "–" },
              { key: "why", head: t("merge.why"), wide: true, cell: (e) => e.why || "–" },
              { key: "receipt", head: t("erasures.receipt"), cell: (e) => <Button size="xs" onClick={() => setOpened(e)}>{t("erasures.receipt")}</Button> },
            ]} />
          {opened ? <SidePanel title={t("erasures.receipt")} onClose={() => setOpened(null)}><Receipt erasure={opened} /></SidePanel> : null}
        </Panel>
      )}
    </Answer>
  );
}
