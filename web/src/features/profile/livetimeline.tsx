import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";

import { Fault } from "../../api/client";
import type { LiveEvent } from "../../api/live";
import { listen, type Line } from "../../api/stream";
import type { Customer } from "../../api/types";
import { useFormat, useSentence, useWords } from "../../i18n/use";
import { Button, Switch } from "../../ui/controls";
import { EventDetails, useSourceNames } from "../../ui/event";
import { SidePanel } from "../../ui/overlay";
import { Panel } from "../../ui/page";
import { Answer, LoadingPage, Note } from "../../ui/state";
import css from "./people.module.css";
import { eventsAtOnce, liveAddress, timelinePage } from "./peoplequeries";
import { byDay, joined, type Happening } from "./timelinejoin";

/** All that she did, newest first; what she does now slides in. */
export function LiveTimeline({ customer, id }: { customer: Customer; id: string }) {
  const first = useQuery({ queryKey: ["timeline", id], queryFn: ({ signal }) => timelinePage(id, undefined, signal), staleTime: 0, retry: false });
  // A server without a log has only the orders.
  const missing = first.error instanceof Fault && first.error.status === 404;
  return (
    <Answer query={missing ? { ...first, data: { items: [], next: "" }, error: null } : first} loading={<LoadingPage />}>
      {(page) => <Flowing key={id} id={id} customer={customer} first={page.items ?? []} />}
    </Answer>
  );
}

function Flowing({ id, customer, first }: { id: string; customer: Customer; first: LiveEvent[] }) {
  const t = useWords();
  const f = useFormat();
  const [fresh, setFresh] = useState<LiveEvent[]>([]);
  const [older, setOlder] = useState<LiveEvent[]>([]);
  const [more, setMore] = useState(first.length >= eventsAtOnce);
  const [busy, setBusy] = useState(false);
  const [line, setLine] = useState<Line>("connecting");
  const [show, setShow] = useState<"all" | "orders" | "events">("all");
  const [opened, setOpened] = useState<LiveEvent | null>(null);
  const sourceName = useSourceNames();

  useEffect(() => {
    let ended = false;
    const stop = listen<LiveEvent>(liveAddress(id), {
      onItem: (event) => !ended && setFresh((before) => (before.some((one) => one.place === event.place) ? before : [event, ...before])),
      onLine: (next) => !ended && setLine(next),
    });
    return () => {
      ended = true;
      stop();
    };
  }, [id]);

  const events = useMemo(() => {
    const seen = new Set<string>();
    return [...fresh, ...first, ...older].filter((event) => event.fate !== "duplicate" && !seen.has(event.place) && seen.add(event.place));
  }, [fresh, first, older]);
  const happenings = useMemo(() => joined(show === "orders" ? [] : events, show === "events" ? [] : (customer.timeline ?? []), !more || show === "orders"), [events, customer, more, show]);
  const earlier = () => {
    setBusy(true);
    timelinePage(id, events.at(-1)?.place).then((page) => {
      const items = page.items ?? [];
      setOlder((before) => [...before, ...items]);
      setMore(items.length >= eventsAtOnce);
      return setBusy(false);
    }).catch(() => setBusy(false));
  };
  // The line may begin with what is listed already: that is no news.
  const listed = new Set(first.map((event) => event.place));
  const news = new Set(fresh.map((event) => event.place).filter((place) => !listed.has(place)));
  return (
    <Panel title={t("profile.timeline.title")} note={<span className={css.line} data-line={line} role="status"><span aria-hidden />{t(`live.line.${line}`)}</span>}
      actions={<Switch label={t("timeline.show")} value={show} onChange={setShow} options={(["all", "orders", "events"] as const).map((value) => ({ value, label: t(`timeline.${value}`) }))} />}>
      {happenings.length === 0 ? <Note>{t("timeline.nothing")}</Note> : (
        <div className={css.days}>
          {byDay(happenings).map(([day, list], at) => (
            <section key={`${day}:${at}`} aria-label={f.day(day)}>
              <h3 className={css.day}>{f.day(day)}</h3>
              <ol className={css.happenings}>{list.map((one) => <One key={one.key} one={one} fresh={one.kind === "event" && news.has(one.key)} onOpen={setOpened} />)}</ol>
            </section>
          ))}
        </div>
      )}
      {more && show !== "orders" ? <p><Button size="xs" busy={busy} onClick={earlier}>{t("live.earlier")}</Button></p> : null}
      {opened ? <SidePanel title={opened.name} onClose={() => setOpened(null)}><EventDetails event={opened} sourceName={sourceName} /></SidePanel> : null}
    </Panel>
  );
}

function One({ one, fresh, onOpen }: { one: Happening; fresh: boolean; onOpen: (event: LiveEvent) => void }) {
  const t = useWords();
  const f = useFormat();
  const sentence = useSentence();
  if (one.kind === "moment") {
    const { moment } = one;
    const late = moment.kind === "late_delivery" && moment.days > 0 ? t("profile.timeline.lateBy", { count: moment.days }) : "";
    return (
      <li className={css.happening}>
        <span className={css.bead} data-kind={moment.kind} aria-hidden /><span className={css.time}>{/T00:00:00/.test(moment.at) ? "" : f.clock(moment.at)}</span>
        <span className={css.what}><b>{sentence(`profile.timeline.${moment.kind}`) ?? moment.kind}</b><small>{[late, moment.title].filter(Boolean).join(" · ")}</small></span>
        <span className={css.money}>{moment.money ? f.money(moment.money) : ""}</span>
      </li>
    );
  }
  const { event } = one;
  return (
    <li className={css.happening} data-fresh={fresh || undefined}>
      <span className={css.bead} data-kind="event" aria-hidden /><time className={css.time} dateTime={event.at}>{f.clock(event.at)}</time>
      <button type="button" className={css.what} onClick={() => onOpen(event)}><b>{event.name}</b><small>{gist(event)}</small></button>
      <span className={css.money}>{moneyOf(event, f.language)}</span>
    </li>
  );
}

// The one property that says most, so that a row of the timeline is more than a name.
const telling = ["name", "title", "segment", "product", "order_id", "query", "category", "coupon", "path", "product_id"] as const;

function gist(event: LiveEvent): string {
  const properties = event.properties ?? {};
  for (const key of telling) {
    const value = properties[key];
    if (typeof value === "string" && value !== "") return value;
  }
  return "";
}

function moneyOf(event: LiveEvent, language: string): string {
  const { revenue, price, currency } = event.properties ?? {};
  const amount = typeof revenue === "number" ? revenue : typeof price === "number" ? price : null;
  if (amount === null) return "";
  return new Intl.NumberFormat(language, typeof currency === "string" && /^[A-Z]{3}$/.test(currency) ? { style: "currency", currency, currencyDisplay: "narrowSymbol" } : {}).format(amount);
}
