import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { NewSuppression, PersonConsent, Suppression } from "../../api/live";
import type { Customer } from "../../api/types";
import { useFormat, useSentence, useWords } from "../../i18n/use";
import { Tag } from "../../ui/badge";
import { Button, Choice, Field, Switch } from "../../ui/controls";
import { useSourceNames } from "../../ui/event";
import { Pop } from "../../ui/overlay";
import { Panel } from "../../ui/page";
import { Scroller } from "../../ui/scroller";
import { ErrorNote } from "../../ui/state";
import { Table } from "../../ui/table";
import css from "./people.module.css";
import { putConsent, suppress, unsuppress } from "./peoplequeries";

export const channels = ["email", "sms", "push", "line", "kakao", "phone"] as const;
const usual = ["marketing", "analytics", "personalisation"] as const;
const tones = { given: "good", withdrawn: "bad", unknown: "plain" } as const;

export function usePurpose(): (purpose: string) => string {
  const sentence = useSentence();
  return (purpose) => sentence(`consent.purpose.${purpose}`) ?? purpose;
}

export function useChannel(): (channel: string) => string {
  const sentence = useSentence();
  return (channel) => sentence(`consent.channel.${channel}`) ?? channel;
}

export function ConsentTag({ consent, named }: { consent: PersonConsent; named?: boolean }) {
  const t = useWords();
  const purpose = usePurpose();
  const channel = useChannel();
  const tag = <Tag tone={tones[consent.state]}>{t(`consent.state.${consent.state}`)}</Tag>;
  return named ? <span className={css.named}><span>{purpose(consent.purpose)} · {channel(consent.channel)}</span>{tag}</span> : tag;
}

/** What she agreed to: purpose by channel, each with its time, its source and its proof. */
export function Consents({ customer, id }: { customer: Customer; id: string }) {
  const t = useWords();
  const f = useFormat();
  const purpose = usePurpose();
  const channel = useChannel();
  const given = customer.consents ?? [];
  const purposes = [...new Set([...usual, ...given.map((c) => c.purpose)])];
  const shown = [...new Set([...channels, ...given.map((c) => c.channel)])];
  const at = (p: string, c: string): PersonConsent => given.find((one) => one.purpose === p && one.channel === c) ?? { purpose: p, channel: c, state: "unknown", at: "", source: "", proof: "" };
  return (
    <Panel flush title={t("consent.title")} note={t("consent.note")}>
      <Scroller label={t("consent.title")}><div className={css.matrixBox}>
        <table className={css.matrix}>
          <thead><tr><th scope="col">{t("consent.purposeLabel")}</th>{shown.map((c) => <th key={c} scope="col">{channel(c)}</th>)}</tr></thead>
          <tbody>
            {purposes.map((p) => (
              <tr key={p}>
                <th scope="row">{purpose(p)}</th>
                {shown.map((c) => {
                  const consent = at(p, c);
                  return (
                    <td key={c}>
                      <Pop look="button" title={`${purpose(p)} · ${channel(c)}`} width={320}
                        label={<span className={css.cell}>{consent.state === "unknown" ? <span className={css.unknown}><span aria-hidden>–</span><span className="visually-hidden">{t("consent.state.unknown")}</span></span> : <ConsentTag consent={consent} />}{consent.at ? <small>{f.day(consent.at)}</small> : null}</span>}>
                        {(close) => <ConsentForm id={id} consent={consent} onDone={close} />}
                      </Pop>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div></Scroller>
    </Panel>
  );
}

function ConsentForm({ id, consent, onDone }: { id: string; consent: PersonConsent; onDone: () => void }) {
  const t = useWords();
  const f = useFormat();
  const queries = useQueryClient();
  const sourceName = useSourceNames();
  const [state, setState] = useState(consent.state === "given" ? "withdrawn" : "given");
  const [source, setSource] = useState("");
  const [proof, setProof] = useState("");
  const save = useMutation({
    mutationFn: () => putConsent(id, { purpose: consent.purpose, channel: consent.channel, state: state as PersonConsent["state"], source: source.trim(), proof: proof.trim() }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["customer"] });
      onDone();
    },
  });
  return (
    <div className={css.form}>
      {consent.at ? (
        <dl className={css.facts}>
          <div><dt>{t("consent.stateLabel")}</dt><dd><ConsentTag consent={consent} /></dd></div>
          <div><dt>{t("consent.since")}</dt><dd>{f.instant(consent.at)}</dd></div>
          <div><dt>{t("event.source")}</dt><dd>{consent.source ? sourceName(consent.source) : "–"}</dd></div>
          <div><dt>{t("consent.proof")}</dt><dd>{consent.proof || "–"}</dd></div>
        </dl>
      ) : <p className={css.hint}>{t("consent.never")}</p>}
      <Switch label={t("consent.stateLabel")} value={state} onChange={setState} options={[{ value: "given", label: t("consent.state.given") }, { value: "withdrawn", label: t("consent.state.withdrawn") }]} />
      <Field size="xs" label={t("consent.source")} value={source} onChange={setSource} placeholder={t("consent.sourceHint")} />
      <Field size="xs" label={t("consent.proof")} value={proof} onChange={setProof} placeholder={t("consent.proofHint")} />
      {save.error ? <ErrorNote error={save.error} /> : null}
      <Button variant="primary" size="xs" disabled={source.trim() === "" || (state === "given" && proof.trim() === "")} busy={save.isPending} onClick={() => save.mutate()}>{t("consent.record")}</Button>
    </div>
  );
}

/** Addresses that nothing is sent to, whatever was agreed. */
export function Suppressed({ customer }: { customer: Customer }) {
  const t = useWords();
  const f = useFormat();
  const channel = useChannel();
  const queries = useQueryClient();
  const [adding, setAdding] = useState<NewSuppression>({ channel: "email", address: customer.email || "", reason: "" });
  const done = () => queries.invalidateQueries({ queryKey: ["customer"] });
  const add = useMutation({ mutationFn: () => suppress(adding), onSuccess: done });
  const remove = useMutation({ mutationFn: (one: Suppression) => unsuppress(one), onSuccess: done });
  const items = customer.suppressed ?? [];
  const choose = (next: NewSuppression["channel"]) => setAdding({ ...adding, channel: next, address: next === "email" ? customer.email || "" : next === "sms" || next === "phone" ? customer.phone || "" : "" });
  return (
    <Panel flush title={t("suppression.title")} note={t("suppression.note")}>
      {items.length > 0 ? (
        <Table<Suppression> label={t("suppression.title")} rows={items} rowKey={(s) => s.channel + s.address}
          columns={[
            { key: "address", head: t("suppression.address"), lead: true, cell: (s) => <code>{s.address}</code> },
            { key: "channel", head: t("consent.channelLabel"), cell: (s) => channel(s.channel) },
            { key: "why", head: t("merge.why"), cell: (s) => s.reason || "–" },
            { key: "at", head: t("merge.when"), wide: true, cell: (s) => f.instant(s.at) },
            { key: "remove", head: t("suppression.lift"), cell: (s) => <Button size="xs" busy={remove.isPending} onClick={() => remove.mutate(s)}>{t("suppression.lift")}</Button> },
          ]} />
      ) : <p className={css.pad}>{t("suppression.none")}</p>}
      <div className={css.adding}>
        <Choice size="xs" label={t("consent.channelLabel")} value={adding.channel} onChange={(next) => choose(next as NewSuppression["channel"])} options={channels.map((value) => ({ value, label: channel(value) }))} />
        <Field size="xs" label={t("suppression.address")} value={adding.address} onChange={(address) => setAdding({ ...adding, address })} />
        <Field size="xs" label={t("merge.why")} value={adding.reason ?? ""} onChange={(reason) => setAdding({ ...adding, reason })} placeholder={t("suppression.reasonHint")} />
        <Button size="xs" disabled={!adding.address.trim() || !adding.reason?.trim()} busy={add.isPending} onClick={() => add.mutate()}>{t("suppression.add")}</Button>
      </div>
      {add.error || remove.error ? <ErrorNote error={add.error ?? remove.error} /> : null}
    </Panel>
  );
}
