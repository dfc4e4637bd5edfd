import { useCallback, useMemo } from "react";

import type { Customer } from "../../api/types";
import { ChartFrame } from "../../charts/frame";
import { Lines } from "../../charts/lines";
import { useFormat, useWords } from "../../i18n/use";
import { daysBetween } from "../../lib/days";
import { Note } from "../../ui/state";
import css from "./customer.module.css";

/** How likely it was, week by week, that she was still a customer, and when she ordered. */
export function AliveChart({ customer }: { customer: Customer }) {
  const t = useWords();
  const f = useFormat();
  const history = useMemo(() => customer.p_alive_history ?? [], [customer]);
  const orders = useMemo(() => {
    const days = history.map((p) => p.day);
    const hits = new Set<number>();
    for (const order of customer.orders_list ?? []) {
      if (order.kind !== "purchase") continue;
      let best = -1;
      let gap = Number.POSITIVE_INFINITY;
      days.forEach((day, at) => {
        const distance = Math.abs(daysBetween(order.day, day));
        if (distance < gap) [best, gap] = [at, distance];
      });
      if (best >= 0 && gap <= 31) hits.add(best);
    }
    return days.map((_, at) => (hits.has(at) ? 0 : null));
  }, [history, customer]);
  const write = useCallback((value: number) => f.share(value), [f]);
  const sentence = customer.p_alive === null ? t("profile.alive.none")
    : t("profile.alive.sentence", { alive: f.share(customer.p_alive), quiet: f.share(customer.p_no_order_90d), days: f.int(customer.days_since_last) });
  const x = useMemo(() => history.map((p) => f.month(p.day)), [history, f]);
  const xFull = useMemo(() => history.map((p) => f.day(p.day)), [history, f]);
  const series = useMemo(() => [
    { name: t("customers.column.alive"), values: history.map((p) => p.p_alive), area: true },
    { name: t("customers.column.quiet"), values: history.map((p) => p.p_no_order_90d), token: "--series-2", dashed: true },
    { name: t("profile.alive.orders"), values: orders, token: "--series-3", dots: true },
  ], [history, orders, t]);
  const figures = {
    head: [t("table.day"), t("customers.column.alive"), t("customers.column.quiet")],
    rows: history.map((p) => [f.day(p.day), f.share(p.p_alive), f.share(p.p_no_order_90d)]),
    raw: history.map((p) => [p.day, p.p_alive, p.p_no_order_90d]),
  };
  return (
    <ChartFrame title={t("profile.alive.title")} sentence={sentence} figures={figures} file={`dangol-customer-${customer.id}`}>
      {history.length > 1 ? <Lines label={sentence} x={x} xFull={xFull} series={series} write={write} min={0} max={1} height={330} /> : <Note>{t("profile.alive.short")}</Note>}
      <div className={css.nextNote}>{customer.next_order_at ? <Note tone="good">{t("profile.next", { day: f.day(customer.next_order_at) })}</Note>
        : customer.next_order_if_any ? <Note>{t("profile.nextIfAny", { day: f.day(customer.next_order_if_any) })}</Note> : null}</div>
    </ChartFrame>
  );
}
