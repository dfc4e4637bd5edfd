import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { useScope } from "../../api/scope";
import { useFormat, useWords } from "../../i18n/use";
import { Meter, Tag } from "../../ui/badge";
import { Button, Choice, Switch } from "../../ui/controls";
import { Panel, Row } from "../../ui/page";
import { Answer, Empty, Loading, Skeleton } from "../../ui/state";
import { Table, type Column } from "../../ui/table";
import css from "./foresight.module.css";
import { peopleLimit, riskPeopleQuery } from "./queries";
import type { RiskSearch } from "./risk";
import { codeOf } from "./riskcharts";
import type { Risk, RiskPerson } from "./shapes";
import { bandTone, useSaid } from "./words";

interface PeopleProps {
  risk: Risk;
  search: RiskSearch;
  onChange: (next: RiskSearch) => void;
}

/** The people to act on first: by the money that leaves with them, or by the chance that they do. */
export function RiskPeopleList({ risk, search, onChange }: PeopleProps) {
  const t = useWords();
  const f = useFormat();
  const said = useSaid();
  const { market } = useScope();
  const filter = JSON.stringify([market, search.segment, search.band, search.reason, search.sort]);
  const [pages, setPages] = useState<{ filter: string; cursors: string[] }>({ filter, cursors: [] });
  // Another filter begins at its first page.
  const cursors = pages.filter === filter ? pages.cursors : [];
  const query = useQuery(riskPeopleQuery({ market, segment: search.segment, band: search.band, reason: search.reason, sort: search.sort ?? "value_at_risk", cursor: cursors.at(-1) }));
  const known = (risk.reasons ?? []).map((reason) => ({ value: codeOf(reason), label: said(reason.labels) }));
  // One that nobody here has stays chosen, and can be left.
  const chosen = search.reason && !known.some((reason) => reason.value === search.reason) ? [{ value: search.reason, label: search.reason.replaceAll("_", " ") }] : [];
  const reasons = [{ value: "", label: t("risk.people.anyReason") }, ...known, ...chosen];
  const bands = [{ value: "", label: t("risk.people.anyBand") }, ...(["raised", "high", "medium", "low"] as const).map((band) => ({ value: band, label: t(`risk.band.${band}`) }))];
  return (
    <Panel flush title={t("risk.people.title")} note={query.data ? t("risk.people.note", { count: query.data.total, n: f.int(query.data.total) }) : undefined}
      actions={<Switch label={t("risk.people.order")} value={search.sort === "risk" ? "risk" : "value_at_risk"} onChange={(sort) => onChange({ sort: sort === "risk" ? sort : undefined })}
        options={[{ value: "value_at_risk", label: t("risk.people.byMoney") }, { value: "risk", label: t("risk.people.byRisk") }]} />}>
      <div className={css.filters}>
        <Choice hideLabel size="xs" width={160} label={t("risk.band.head")} value={search.band ?? ""} options={bands} onChange={(band) => onChange({ band: band || undefined })} />
        <Choice hideLabel size="xs" width={190} label={t("risk.reasons.reason")} value={search.reason ?? ""} options={reasons} onChange={(reason) => onChange({ reason: reason || undefined })} />
      </div>
      <Answer query={query} loading={<Loading><div className={css.rows}>{Array.from({ length: 8 }, (_, at) => <Skeleton key={at} height={28} />)}</div></Loading>}>
        {(data) => data.total === 0 ? <Empty icon="search" title={t("risk.people.none")} sentence={t("risk.people.noneSentence")} action={<Button onClick={() => onChange({ band: undefined, reason: undefined })}>{t("customers.clear")}</Button>} /> : (
          <>
            <PeopleTable people={data.people ?? []} busy={query.isPlaceholderData} />
            {data.total > peopleLimit ? (
              <div className={css.pager}>
                <Row>
                  <Button size="xs" disabled={cursors.length === 0} onClick={() => setPages({ filter, cursors: cursors.slice(0, -1) })}>{t("table.previous")}</Button>
                  <Button size="xs" disabled={!data.next} onClick={() => setPages({ filter, cursors: [...cursors, data.next] })}>{t("table.next")}</Button>
                </Row>
              </div>
            ) : null}
          </>
        )}
      </Answer>
    </Panel>
  );
}

function PeopleTable({ people, busy }: { people: RiskPerson[]; busy: boolean }) {
  const t = useWords();
  const f = useFormat();
  const said = useSaid();
  const navigate = useNavigate();
  const columns: Column<RiskPerson>[] = [
    { key: "id", head: t("customers.column.customer"), lead: true, cell: (p) => <Link to="/customers/$id" params={{ id: p.id }} search={{ tab: "foresight" }} className={css.person}><span>{p.name || p.id}</span>{p.name ? <small>{p.id}</small> : null}</Link> },
    { key: "risk", head: t("risk.risk"), meaning: t("risk.riskMeaning"), align: "right", cell: (p) => <span title={t("risk.between", { low: f.share(p.risk_low), high: f.share(p.risk_high) })}><Meter value={p.risk} tone="bad" /></span> },
    { key: "band", head: t("risk.band.head"), wide: true, cell: (p) => <Tag tone={bandTone[p.band]}>{t(`risk.band.${p.band}`)}</Tag> },
    { key: "reason", head: t("risk.reasons.top"), cell: (p) => <span className={css.reason}>{said(p.reason_labels)}</span> },
    { key: "loss", head: t("risk.atRisk"), meaning: t("risk.atRiskMeaning"), align: "right", cell: (p) => <span title={f.money(p.value_at_risk)}>{f.moneyWhole(p.value_at_risk)}</span> },
    { key: "value", head: t("value.expected"), align: "right", wide: true, cell: (p) => f.moneyWhole(p.value) },
    { key: "orders", head: t("customers.column.orders"), align: "right", wide: true, cell: (p) => f.int(p.orders) },
    { key: "last", head: t("customers.column.last"), align: "right", wide: true, cell: (p) => f.day(p.last_order_at) },
  ];
  return <Table label={t("risk.people.title")} columns={columns} rows={people} rowKey={(p) => p.id} busy={busy} onRow={(p) => void navigate({ to: "/customers/$id", params: { id: p.id }, search: { tab: "foresight" } })} />;
}
