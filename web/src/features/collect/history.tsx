import { useQuery } from "@tanstack/react-query";

import type { ImportRecord } from "../../api/types";
import { useFormat, useWords } from "../../i18n/use";
import { Tag } from "../../ui/badge";
import { Panel } from "../../ui/page";
import { Answer, LoadingPage } from "../../ui/state";
import { Table, type Column } from "../../ui/table";
import css from "./import.module.css";
import { historyQuery } from "./queries";

const asideOf = (record: ImportRecord) => Object.values(record.set_aside ?? {}).reduce((sum, n) => sum + n, 0);

/** What came in before, and what was set aside then. */
export function History() {
  const t = useWords();
  const f = useFormat();
  const query = useQuery(historyQuery);
  const columns: Column<ImportRecord>[] = [
    { key: "name", head: t("import.history.file"), lead: true, cell: (r) => r.name },
    { key: "at", head: t("import.history.when"), cell: (r) => f.instant(r.started_at) },
    { key: "state", head: t("import.history.state"), cell: (r) => <Tag tone={r.state === "done" ? "good" : r.state === "failed" ? "bad" : "warn"}>{t(`import.state.${r.state === "done" ? "done" : r.state === "failed" ? "failed" : "running"}`)}</Tag> },
    { key: "lines", head: t("import.history.lines"), align: "right", cell: (r) => f.int(r.lines_read) },
    { key: "orders", head: t("import.history.orders"), align: "right", wide: true, cell: (r) => f.int(r.orders) },
    { key: "customers", head: t("import.history.customers"), align: "right", wide: true, cell: (r) => f.int(r.customers) },
    { key: "aside", head: t("import.history.aside"), align: "right", cell: (r) => (asideOf(r) > 0 && r.rejects_file ? <a href={`/v1/imports/${encodeURIComponent(String(r.import))}/rejects`} download>{f.int(asideOf(r))}</a> : f.int(asideOf(r))) },
    { key: "time", head: t("import.history.took"), align: "right", wide: true, cell: (r) => f.seconds(r.seconds) },
  ];
  return (
    <Panel flush title={t("import.history.title")}>
      <Answer query={query} loading={<LoadingPage />}>
        {(data) => (data.items ?? []).length === 0 ? <p className={css.nothing}>{t("import.history.none")}</p>
          : <Table label={t("import.history.title")} rows={data.items ?? []} rowKey={(r) => String(r.import)} columns={columns} />}
      </Answer>
    </Panel>
  );
}
