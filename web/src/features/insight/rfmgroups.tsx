import { Link } from "@tanstack/react-router";

import type { Rfm, RfmGroup } from "../../api/types";
import { ChartFrame } from "../../charts/frame";
import { useFormat, useSentence, useWords } from "../../i18n/use";
import { groupColor, groupRank } from "../../lib/groups";
import { GroupBadge } from "../../ui/badge";
import { Table, type Column } from "../../ui/table";
import css from "./rfm.module.css";

/** The named groups: how many, how much they brought, and what is still to come from them. */
export function RfmGroups({ rfm }: { rfm: Rfm }) {
  const t = useWords();
  const f = useFormat();
  const sentence = useSentence();
  const groups = (rfm.groups ?? []).toSorted((a, b) => groupRank(a.group) - groupRank(b.group));
  const richest = groups.toSorted((a, b) => b.spend_share - a.spend_share)[0];
  const name = (group: string) => sentence(`group.${group}.name`) ?? group;
  const says = richest ? t("rfm.groups.sentence", { group: name(richest.group), share: f.share(richest.share), spendShare: f.share(richest.spend_share) }) : t("rfm.grid.nothing");
  const columns: Column<RfmGroup>[] = [
    { key: "group", head: t("customers.column.group"), lead: true, cell: (g) => (
      <span className={css.groupName}><Link to="/customers" search={{ group: g.group } as never}><GroupBadge group={g.group} /></Link><small>{sentence(`group.${g.group}.meaning`)}</small></span>
    ) },
    { key: "n", head: t("rfm.grid.customers"), align: "right", cell: (g) => f.int(g.customers) },
    { key: "share", head: t("rfm.groups.share"), align: "right", wide: true, cell: (g) => f.share(g.share) },
    { key: "spend", head: t("rfm.grid.spend"), align: "right", cell: (g) => <span title={f.money(g.spend)}>{f.moneyShort(g.spend)}</span> },
    { key: "spendShare", head: t("rfm.groups.spendShare"), align: "right", wide: true, cell: (g) => f.share(g.spend_share) },
    { key: "recency", head: t("rfm.avgRecency"), align: "right", wide: true, cell: (g) => f.int(g.avg_recency_days) },
    { key: "orders", head: t("rfm.avgOrders"), align: "right", wide: true, cell: (g) => f.decimal(g.avg_orders, 1) },
    { key: "value", head: t("customers.column.expectedValue"), meaning: t("term.expectedValue"), align: "right", cell: (g) => f.moneyShort(g.expected_value) },
  ];
  return (
    <ChartFrame flush title={t("rfm.groups.title")} sentence={says} file="dangol-rfm-groups"
      figures={{
        head: [t("customers.column.group"), t("rfm.grid.customers"), t("rfm.groups.share"), t("rfm.grid.spend"), t("rfm.groups.spendShare"), t("customers.column.expectedValue")],
        rows: groups.map((g) => [name(g.group), f.int(g.customers), f.share(g.share), f.moneyWhole(g.spend), f.share(g.spend_share), f.moneyWhole(g.expected_value)]),
        raw: groups.map((g) => [g.group, g.customers, g.share, g.spend.amount, g.spend_share, g.expected_value?.amount]),
      }}>
      <div className={css.shareBar} aria-hidden>
        <Bar label={t("rfm.groups.ofCustomers")} parts={groups.map((g) => [g.group, g.share])} />
        <Bar label={t("rfm.groups.ofSpend")} parts={groups.map((g) => [g.group, g.spend_share])} />
      </div>
      <Table label={t("rfm.groups.title")} columns={columns} rows={groups} rowKey={(g) => g.group} />
    </ChartFrame>
  );
}

function Bar({ label, parts }: { label: string; parts: [string, number][] }) {
  return (
    <div>
      <p className={css.barLabel}>{label}</p>
      <div className={css.bar}>{parts.map(([group, share]) => (share > 0 ? <span key={group} style={{ flex: `${share} 0 0`, background: groupColor(group) }} /> : null))}</div>
    </div>
  );
}
