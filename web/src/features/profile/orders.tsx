import { useState } from "react";

import type { Customer, Order } from "../../api/types";
import { useFormat, useSentence, useWords } from "../../i18n/use";
import { Tag } from "../../ui/badge";
import { Button } from "../../ui/controls";
import { Icon } from "../../ui/icons";
import { Panel } from "../../ui/page";
import css from "./customer.module.css";

const first = 20;

/** What she bought and gave back, newest first; each order opens to its lines. */
export function Orders({ customer }: { customer: Customer }) {
  const t = useWords();
  const f = useFormat();
  const [all, setAll] = useState(false);
  const orders = customer.orders_list ?? [];
  const shown = all ? orders : orders.slice(0, first);
  return (
    <Panel flush title={t("profile.orders.title")} note={t("profile.orders.note", { count: customer.orders_total, n: f.int(customer.orders_total) })}>
      <div className={css.orders}>
        {shown.map((order) => <OneOrder key={`${order.kind}:${order.id}:${order.at}`} order={order} />)}
        {shown.length < orders.length ? <p className={css.more}><Button size="xs" onClick={() => setAll(true)}>{t("profile.orders.all", { n: f.int(orders.length) })}</Button></p> : null}
        {all && orders.length < customer.orders_total ? <p className={css.more}>{t("profile.orders.more", { n: f.int(orders.length) })}</p> : null}
      </div>
    </Panel>
  );
}

function OneOrder({ order }: { order: Order }) {
  const t = useWords();
  const f = useFormat();
  const sentence = useSentence();
  const refund = order.kind === "refund";
  return (
    <details className={css.order}>
      <summary>
        <Icon name="right" size={14} />
        <time dateTime={order.day}>{f.day(order.day)}</time>
        <span className={css.orderWhat}>
          <code>{order.id}</code>
          {refund ? <Tag tone="bad">{t("profile.orders.refund")}</Tag> : null}
          {order.late_days && order.late_days > 0 ? <Tag tone="warn">{t("profile.orders.late", { count: order.late_days })}</Tag> : null}
          <span>{t("profile.orders.lines", { count: order.lines, n: f.int(order.lines) })}</span>
          {order.paid_until_day && !refund ? <span>{t("profile.orders.paid_until", { day: f.day(order.paid_until_day) })}</span> : null}
          {order.channel ? <span>{sentence(`channel.${order.channel}`) ?? order.channel}</span> : null}
        </span>
        <span className={css.amount} data-refund={refund || undefined}>{refund ? "−" : ""}{f.money(order.amount)}</span>
      </summary>
      <table className={css.lines}>
        <thead className="visually-hidden"><tr><th>{t("profile.orders.product")}</th><th>{t("profile.orders.category")}</th><th>{t("profile.orders.quantity")}</th><th>{t("profile.orders.amount")}</th></tr></thead>
        <tbody>
          {(order.items ?? []).map((item, at) => (
            <tr key={`${item.product}:${at}`}><th scope="row">{item.name || item.product || "–"}</th><td>{item.category}</td><td>× {f.significant(item.quantity)}</td><td>{f.money(item.amount)}</td></tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
