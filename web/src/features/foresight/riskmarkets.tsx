import { Link, useSearch } from "@tanstack/react-router";

import { useFormat, useWords } from "../../i18n/use";
import { Meter } from "../../ui/badge";
import { Panel } from "../../ui/page";
import { Table } from "../../ui/table";
import type { Risk } from "./shapes";
import { useSaid } from "./words";

/** The same by market: where it burns, and for which reason. */
export function RiskMarkets({ risk }: { risk: Risk }) {
  const t = useWords();
  const f = useFormat();
  const said = useSaid();
  const search = useSearch({ from: "/risk" });
  const labelOf = (code: string) => said((risk.reasons ?? []).find((reason) => reason.code === code)?.labels) || "–";
  return (
    <Panel flush title={t("risk.markets.title")} note={t("risk.markets.note")}>
      <Table label={t("risk.markets.title")} rows={risk.markets ?? []} rowKey={(row) => row.market}
        columns={[
          { key: "market", head: t("customers.column.market"), lead: true, cell: (row) => <Link to="/risk" search={{ ...search, market: row.market } as never}>{f.market(row.market)}</Link> },
          { key: "customers", head: t("rfm.grid.customers"), align: "right", wide: true, cell: (row) => f.int(row.customers) },
          { key: "mean", head: t("risk.mean"), align: "right", cell: (row) => <Meter value={row.mean_risk} tone="bad" /> },
          { key: "high", head: t("risk.high"), align: "right", cell: (row) => f.int(row.high) },
          { key: "value", head: t("risk.atRisk"), align: "right", cell: (row) => <span title={f.money(row.value_at_risk)}>{f.moneyShort(row.value_at_risk)}</span> },
          { key: "reason", head: t("risk.reasons.top"), wide: true, cell: (row) => labelOf(row.top_reason) },
        ]} />
    </Panel>
  );
}
