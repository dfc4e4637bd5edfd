// One event, as the stream, the quarantine and a customer's timeline show it.
import { queryOptions, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { answer, api } from "../api/client";
import type { Fate, LiveEvent } from "../api/live";
import { useFormat, useSentence, useWords } from "../i18n/use";
import { Tag } from "./badge";
import css from "./event.module.css";
import { Icon } from "./icons";
import { Copyable, JsonTree } from "./json";
import { Note } from "./state";

const tones = { accepted: "plain", quarantined: "bad", duplicate: "warn" } as const;

/** What became of it. */
export function FateTag({ fate }: { fate: Fate }) {
  const t = useWords();
  return <Tag tone={tones[fate] ?? "plain"}>{t(`event.fate.${fate}`)}</Tag>;
}

/** What is wrong with an event. English readers get the server's own sentence, which knows the details; the others their catalogue's. */
export function useTrouble() {
  const sentence = useSentence();
  const own = useFormat().language === "en";
  const word = (reason: string, what: string) => sentence(`trouble.${reason.replace(/^.*\./, "")}.${what}`);
  return {
    title: (reason: string) => word(reason, "title") ?? reason.replaceAll("_", " "),
    text: (reason: string, said: string) => (own && said ? said : (word(reason, "text") ?? said)),
    next: (reason: string, said: string | undefined) => (own && said ? said : (word(reason, "next") ?? said)),
  };
}

export function TroubleNote({ reason, sentence, next }: { reason: string; sentence: string; next?: string | undefined }) {
  const trouble = useTrouble();
  const step = trouble.next(reason, next);
  return <Note tone="bad"><p>{trouble.text(reason, sentence)}</p>{step ? <p className={css.next}>{step}</p> : null}</Note>;
}

/** A person as she is named in an address, for people: "user:42" is 42, "key:7" (nobody else's name) is #7. */
export function refText(identity: string): string {
  return identity.replace(/^user:/, "").replace(/^key:/, "#");
}

/** By what an event's person is best told: what the event itself said, before our own number for her. */
export function personOf(event: LiveEvent): string {
  const all = event.identities ?? [];
  const ours = (ref: string) => ref.startsWith("key:");
  if (event.person) return refText(event.person);
  const told = all.find((identity) => !identity.startsWith("anon") && !ours(identity)) ?? (event.customer && !ours(event.customer) ? event.customer : undefined) ?? all[0] ?? event.customer;
  return told ? refText(told) : "–";
}

const sourceNames = queryOptions({
  queryKey: ["live", "sources"],
  queryFn: ({ signal }) => answer(api.GET("/v1/sources", { signal })),
  staleTime: 5000,
  retry: false,
});

/** A source by its name; by its id while the list is not here, or where it is gone. */
export function useSourceNames(): (id: string) => string {
  const t = useWords();
  const { data } = useQuery(sourceNames);
  return (id) => (id === "dangol" ? t("live.ownSource") : (data?.items?.find((source) => source.id === id)?.name ?? id) || "–");
}

/** All of one event: when, whose, what; and the text as it came, to copy. */
export function EventDetails({ event, sourceName, children }: { event: LiveEvent; sourceName: (id: string) => string; children?: ReactNode }) {
  const t = useWords();
  const f = useFormat();
  return (
    <>
      {event.fate === "quarantined" ? <TroubleNote reason={event.reason ?? ""} sentence={event.sentence ?? ""} next={event.next} /> : null}
      {event.fate === "duplicate" ? <Note tone="warn">{event.sentence || t("event.duplicateMeaning")}</Note> : null}
      {children}
      <dl className={css.facts}>
        {event.customer ? <Fact name={t("event.person")}><Link to="/customers/$id" params={{ id: event.customer }}>{personOf(event)}<Icon name="right" size={13} /></Link></Fact> : null}
        <Fact name={t("event.happened")}><time dateTime={event.at}>{f.moment(event.at)}</time></Fact>
        <Fact name={t("event.received")}><time dateTime={event.received_at}>{f.moment(event.received_at)}</time></Fact>
        <Fact name={t("event.source")}>{sourceName(event.source)}</Fact>
        <Fact name={t("event.type")}><code>{event.type}</code></Fact>
        <Fact name={t("event.id")}><code>{event.message_id || "–"}</code></Fact>
      </dl>
      {(event.identities ?? []).length > 0 ? (
        <section className={css.part}>
          <h3>{t("event.identities")}</h3>
          <ul className={css.identities}>{(event.identities ?? []).map((identity) => <li key={identity}><Identity text={identity} /></li>)}</ul>
        </section>
      ) : null}
      <section className={css.part}><h3>{event.type === "identify" || event.type === "group" ? t("event.traits") : t("event.properties")}</h3><JsonTree label={t("event.properties")} value={event.properties ?? {}} open={3} /></section>
      <section className={css.part}><h3>{t("event.context")}</h3><JsonTree label={t("event.context")} value={event.context ?? {}} open={1} /></section>
      <details className={css.raw}><summary>{t("event.asJson")}</summary><Copyable label={t("event.asJson")} text={JSON.stringify(event, null, 2)} /></details>
    </>
  );
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}

/** "email:kim@example.com" as a kind and a value. */
export function Identity({ text }: { text: string }) {
  const sentence = useSentence();
  const at = text.indexOf(":");
  const kind = at > 0 ? text.slice(0, at) : "";
  return <span className={css.identity}>{kind ? <small>{sentence(`identity.kind.${kind === "anon" ? "anonymous" : kind}`) ?? kind}</small> : null}<code>{text.slice(at + 1)}</code></span>;
}
