import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";

import { urlOf } from "../../api/client";
import { statusQuery, type Scope } from "../../api/status";
import type { CustomerRow } from "../../api/types";
import { useFormat, useWords } from "../../i18n/use";
import { narrowed, type CustomerSearch } from "../../lib/filters";
import { countOf } from "../../lib/search";
import { useKept } from "../../ui/asof";
import { GroupBadge, Meter } from "../../ui/badge";
import { Button, LinkButton } from "../../ui/controls";
import { GoLink } from "../../ui/golink";
import { Page, Panel } from "../../ui/page";
import { Answer, Empty, Loading, Skeleton } from "../../ui/state";
import { Pager, Table, type Column } from "../../ui/table";
import css from "./customers.module.css";
import { CustomerFilters } from "./filters";
import { customersQuery, listQuestion, pageSize } from "./queries";

/** Everyone, in any order, narrowed by anything that is known of them. */
export function CustomersScreen() {
  const t = useWords();
  const f = useFormat();
  const { scope, ready, notice } = useKept();
  const search = useSearch({ from: "/customers" }) as CustomerSearch;
  const navigate = useNavigate({ from: "/customers" });
  const query = useQuery({ ...customersQuery(scope, search), enabled: ready });
  const { data: status } = useQuery(statusQuery);
  const page = countOf(search.page, 1);
  const total = ready ? (query.data?.total ?? 0) : 0;
  useNextPage(scope, search, page, total);

  const change = (next: CustomerSearch, replace = false) => void navigate({ search: (before) => ({ ...before, page: undefined, ...next }), replace });
  const filtered = narrowed(search).length > 0;
  const lede = !query.data || !ready ? undefined
    : filtered && status ? t("customers.ledeSome", { count: total, n: f.int(total), share: f.share(status.customers ? total / status.customers : 0) })
    : t("customers.ledeAll", { count: total, n: f.int(total) });
  return (
    <Page title={t("customers.title")} lede={lede} actions={<><GoLink to="/customers/duplicates" look="quiet" icon="merge">{t("duplicates.title")}</GoLink><LinkButton href={urlOf("/v1/customers.csv", { ...listQuestion(scope, search), bom: true })} icon="download" download>{t("customers.csv")}</LinkButton></>}>
      {notice}
      {ready ? <Panel flush>
        <CustomerFilters search={search} onChange={change} />
        <Answer query={query} loading={<ListLoading />}>
          {(data) => data.total === 0 ? (
            <Empty icon="search" title={t("customers.noneTitle")} sentence={t("customers.noneSentence")} action={<Button onClick={() => void navigate({ search: (before) => onlyScope(before) })}>{t("customers.clear")}</Button>} />
          ) : (
            <>
              <CustomerTable rows={data.items ?? []} search={search} busy={query.isPlaceholderData} onSort={(sort, order) => change({ sort, order })} />
              <Pager page={page} size={pageSize} total={data.total} onPage={(next) => change({ page: next > 1 ? String(next) : undefined })}
                text={t("customers.shown", { from: f.int((page - 1) * pageSize + 1), to: f.int(Math.min(data.total, page * pageSize)), total: f.int(data.total) })} />
            </>
          )}
        </Answer>
      </Panel> : null}
    </Page>
  );
}

function onlyScope(search: { market?: string; as_of?: string }) {
  return { market: search.market, as_of: search.as_of };
}

// The next page is fetched while this one is read, so that turning it takes no time.
function useNextPage(scope: Scope, search: CustomerSearch, page: number, total: number): void {
  const queries = useQueryClient();
  const key = JSON.stringify([scope, search]);
  useEffect(() => {
    if (page * pageSize < total) void queries.prefetchQuery(customersQuery(scope, { ...search, page: String(page + 1) }));
    // eslint-disable-next-line react-hooks/exhaustive-deps -- key holds scope and search by value
  }, [key, page, total, queries]);
}

interface CustomerTableProps {
  rows: CustomerRow[];
  search: CustomerSearch;
  busy: boolean;
  onSort: (sort: string, order: "asc" | "desc") => void;
}

function CustomerTable({ rows, search, busy, onSort }: CustomerTableProps) {
  const t = useWords();
  const f = useFormat();
  const navigate = useNavigate();
  const atRisk = search.sort === "value_at_risk"; // a phone shows what the list is sorted by
  const columns: Column<CustomerRow>[] = [
    { key: "id", head: t("customers.column.customer"), lead: true, sort: "id", cell: (c) => <Link to="/customers/$id" params={{ id: c.id }} className={css.name}><span>{c.name || c.id}</span>{c.name ? <small>{c.id}</small> : null}</Link> },
    { key: "group", head: t("customers.column.group"), wide: true, cell: (c) => <GroupBadge group={c.group} /> },
    { key: "market", head: t("customers.column.market"), wide: true, cell: (c) => f.market(c.market) },
    { key: "spend", head: t("customers.column.spend"), align: "right", sort: "spend", wide: atRisk, cell: (c) => <span title={f.money(c.spend)}>{f.moneyWhole(c.spend)}</span> },
    { key: "orders", head: t("customers.column.orders"), align: "right", sort: "orders", wide: true, cell: (c) => f.int(c.orders) },
    { key: "aov", head: t("customers.column.average"), align: "right", wide: true, cell: (c) => f.moneyWhole(c.average_order_value) },
    { key: "last", head: t("customers.column.last"), align: "right", sort: "last_order", wide: true, cell: (c) => <span title={f.day(c.last_order_at)}>{t("customers.daysAgo", { count: c.days_since_last, n: f.int(c.days_since_last) })}</span> },
    { key: "alive", head: t("customers.column.alive"), meaning: t("term.alive"), align: "right", sort: "p_alive", wide: true, cell: (c) => <Meter value={c.p_alive} /> },
    { key: "quiet", head: t("customers.column.quiet"), meaning: t("term.quiet"), align: "right", sort: "risk", cell: (c) => <Meter value={c.p_no_order_90d} tone="bad" /> },
    { key: "orders12", head: t("customers.column.expectedOrders"), meaning: t("term.expectedOrders"), align: "right", wide: true, cell: (c) => f.decimal(c.expected_orders, 1) },
    { key: "value12", head: t("customers.column.expectedValue"), meaning: t("term.expectedValue"), align: "right", sort: "expected_value", wide: true, cell: (c) => f.moneyWhole(c.expected_value) },
    { key: "atRisk", head: t("customers.column.valueAtRisk"), meaning: t("term.valueAtRisk"), align: "right", sort: "value_at_risk", wide: !atRisk, cell: (c) => f.moneyWhole(c.value_at_risk) },
  ];
  return (
    <Table label={t("customers.title")} columns={columns} rows={rows} rowKey={(c) => c.id} busy={busy}
      sorting={{ sort: search.sort ?? "spend", order: search.order === "asc" ? "asc" : "desc", onSort }}
      onRow={(c) => void navigate({ to: "/customers/$id", params: { id: c.id } })} />
  );
}

function ListLoading() {
  return (
    <Loading>
      <div className={css.loading}>{Array.from({ length: 14 }, (_, at) => <Skeleton key={at} height={30} />)}</div>
    </Loading>
  );
}
