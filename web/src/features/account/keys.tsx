import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { answer, api, done } from "../../api/client";
import type { Key } from "../../api/live";
import { useFormat, useSentence, useWords } from "../../i18n/use";
import { now } from "../../lib/days";
import { Tag } from "../../ui/badge";
import { Button, Choice, Field } from "../../ui/controls";
import { Copyable } from "../../ui/json";
import { Dialog } from "../../ui/overlay";
import { Panel } from "../../ui/page";
import { Answer, ErrorNote, LoadingPage, Note } from "../../ui/state";
import { Table } from "../../ui/table";
import css from "./keys.module.css";

const scopes = ["collect", "read", "write", "admin"] as const;

const keysQuery = queryOptions({ queryKey: ["keys"], queryFn: ({ signal }) => answer(api.GET("/v1/keys", { signal })) });

/** Who may do what by key: bring events in, read, change, or all of it. */
export function KeysScreen() {
  const query = useQuery(keysQuery);
  return (
    <Answer query={query} loading={<LoadingPage />}>
      {(data) => {
        const keys = data.items ?? [];
        // While no key opens the console, it is open to this machine; the first one that does closes it to everybody else.
        return <><NewKey first={!keys.some((key) => key.scope !== "collect" && !key.revoked_at)} /><List keys={keys} /></>;
      }}
    </Answer>
  );
}

function NewKey({ first }: { first: boolean }) {
  const t = useWords();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [scope, setScope] = useState<Key["scope"]>("collect");
  const create = useMutation({
    mutationFn: async () => {
      const made = await answer(api.POST("/v1/keys", { body: { name: name.trim(), scope } }));
      // Whoever makes the first key stays inside.
      if (first && scope === "admin") await done(api.POST("/v1/session", { body: { key: made.secret } }));
      return made;
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["session"] });
      setName("");
      void queries.invalidateQueries({ queryKey: ["keys"] });
    },
  });
  const closing = first && (scope === "read" || scope === "write");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <Panel title={t("keys.new")} note={t(`keys.meaning.${scope as "collect"}`)}>
      <form className={css.form} onSubmit={submit}>
        <Field label={t("keys.name")} value={name} onChange={setName} placeholder={t("keys.nameHint")} />
        <Choice label={t("keys.scope")} value={scope} onChange={(next) => setScope(next as Key["scope"])} options={scopes.map((value) => ({ value, label: t(`keys.scopes.${value}`) }))} />
        <Button type="submit" variant="primary" disabled={name.trim() === "" || closing} busy={create.isPending}>{t("wizard.createKey")}</Button>
      </form>
      {first && scope !== "collect" ? <div className={css.after}><Note tone="warn">{closing ? t("keys.firstAdmin") : t("keys.firstKey")}</Note></div> : null}
      {create.error ? <div className={css.after}><ErrorNote error={create.error} /></div> : null}
      {create.data ? <div className={css.after}><Note tone="good">{t("wizard.keyOnce")}</Note><Copyable inline label={t("wizard.key")} text={create.data.secret} /></div> : null}
    </Panel>
  );
}

function List({ keys }: { keys: Key[] }) {
  const t = useWords();
  const f = useFormat();
  const sentence = useSentence();
  const [ending, setEnding] = useState<Key | null>(null);
  const at = now();
  if (keys.length === 0) return <Note>{t("keys.none")}</Note>;
  return (
    <Panel flush title={t("keys.title")}>
      <Table<Key> label={t("keys.title")} rows={keys} rowKey={(k) => k.id}
        columns={[
          { key: "name", head: t("keys.name"), lead: true, cell: (k) => k.name },
          { key: "scope", head: t("keys.scope"), cell: (k) => <Tag tone={k.scope === "admin" ? "warn" : k.scope === "collect" ? "brand" : "plain"}>{sentence(`keys.scopes.${k.scope}`) ?? k.scope}</Tag> },
          { key: "made", head: t("keys.made"), wide: true, cell: (k) => f.instant(k.created_at) },
          { key: "used", head: t("keys.used"), cell: (k) => (k.last_used_at ? f.ago(k.last_used_at, at) : t("sources.never")) },
          { key: "end", head: t("keys.revoke"), cell: (k) => (k.revoked_at ? <Tag>{t("keys.revoked", { day: f.day(k.revoked_at) })}</Tag> : <Button size="xs" variant="danger" onClick={() => setEnding(k)}>{t("keys.revoke")}</Button>) },
        ]} />
      {ending ? <Ending one={ending} onClose={() => setEnding(null)} /> : null}
    </Panel>
  );
}

function Ending({ one, onClose }: { one: Key; onClose: () => void }) {
  const t = useWords();
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: () => done(api.DELETE("/v1/keys/{id}", { params: { path: { id: one.id } } })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["keys"] });
      onClose();
    },
  });
  return (
    <Dialog title={t("keys.revokeTitle", { name: one.name })} onClose={onClose} actions={<><Button onClick={onClose}>{t("builder.cancel")}</Button><Button variant="danger" busy={end.isPending} onClick={() => end.mutate()}>{t("keys.revoke")}</Button></>}>
      {end.error ? <ErrorNote error={end.error} /> : null}
      <Note tone="warn">{t("keys.revokeMeaning")}</Note>
    </Dialog>
  );
}
