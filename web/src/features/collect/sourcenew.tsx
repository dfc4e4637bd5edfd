import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";

import { useWords } from "../../i18n/use";
import { Button, Field } from "../../ui/controls";
import { Icon } from "../../ui/icons";
import { Page, Panel } from "../../ui/page";
import { Copyable } from "../../ui/json";
import { ErrorNote, Note } from "../../ui/state";
import { FirstEvent } from "./firstevent";
import { firstMaps, mappingOf } from "./hookrows";
import { createHook, createKey } from "./sourcequeries";
import css from "./sources.module.css";
import { clients, isClient, isHook, type Client } from "./snippets";
import { SnippetSteps } from "./snippetsteps";

interface Made {
  client: Client;
  /** The source's id, by which its events are told. */
  source: string;
  /** What the snippet holds: the write key, or the webhook's id. */
  key: string;
  /** Where the server made the secret of a webhook: shown this once. */
  secret?: string | undefined;
}

/** From "what sends the events" to the first one, in three steps. */
export function SourceNewScreen() {
  const t = useWords();
  const search = useSearch({ from: "/sources/new" });
  const navigate = useNavigate({ from: "/sources/new" });
  const client = isClient(search.client) ? search.client : undefined;
  const [made, setMade] = useState<Made | null>(null);
  const done = made && made.client === client ? made : null;
  return (
    <Page title={t("wizard.title")} lede={t("wizard.lede")} above={<Link to="/sources" className={css.back}><Icon name="left" size={14} />{t("sources.title")}</Link>}>
      <Panel title={`1. ${t("wizard.choose")}`}>
        <div className={css.clients} role="radiogroup" aria-label={t("wizard.choose")}>
          {clients.map((one) => (
            <button key={one} type="button" role="radio" aria-checked={client === one} className={css.client} onClick={() => void navigate({ search: { client: one }, replace: true })}>
              <b>{t(`wizard.client.${one}.name`)}</b><span>{t(`wizard.client.${one}.for`)}</span>
            </button>
          ))}
        </div>
      </Panel>
      {client && !done ? <Naming key={client} client={client} onMade={setMade} /> : null}
      {done ? (
        <>
          <Panel title={`2. ${t(isHook(done.client) ? "wizard.connect" : "wizard.paste")}`} note={isHook(done.client) ? undefined : t("wizard.keyOnce")}>
            {done.secret ? <div className={css.secret}><Note tone="warn">{t("wizard.secretOnce")}</Note><Copyable inline label={t("wizard.secret")} text={done.secret} /></div> : null}
            <SnippetSteps client={done.client} value={done.key} />
          </Panel>
          <Panel title={`3. ${t("wizard.first")}`}><FirstEvent source={done.source} /></Panel>
        </>
      ) : null}
    </Page>
  );
}

function Naming({ client, onMade }: { client: Client; onMade: (made: Made) => void }) {
  const t = useWords();
  const queries = useQueryClient();
  const [name, setName] = useState(t(`wizard.client.${client}.name`));
  const [secret, setSecret] = useState("");
  const hook = isHook(client);
  // These two sign with a secret that they made; for the others the server makes one where none is given.
  const needsSecret = client === "shopify" || client === "cafe24";
  const create = useMutation({
    mutationFn: async (): Promise<Made> => {
      if (hook) {
        const made = await createHook({ name: name.trim(), kind: client, ...(secret.trim() ? { secret: secret.trim() } : {}), ...(client === "generic" ? { mapping: mappingOf(null, firstMaps) } : {}), enabled: true });
        return { client, source: made.id, key: made.id, secret: made.secret };
      }
      const made = await createKey(name.trim(), "collect");
      return { client, source: made.key.id, key: made.secret };
    },
    onSuccess: (made) => {
      void queries.invalidateQueries({ queryKey: ["live", "sources"] });
      onMade(made);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <Panel title={`2. ${t("wizard.name")}`} note={hook ? t("wizard.nameHook") : t("wizard.nameKey")}>
      <form className={css.naming} onSubmit={submit}>
        <Field label={t("wizard.nameLabel")} value={name} onChange={setName} />
        {hook ? <Field label={t("wizard.secret")} note={t(`wizard.client.${client}.secret`)} value={secret} onChange={setSecret} type="password" /> : null}
        <Button type="submit" variant="primary" disabled={name.trim() === "" || (needsSecret && secret.trim() === "")} busy={create.isPending}>{hook ? t("wizard.createHook") : t("wizard.createKey")}</Button>
      </form>
      {create.error ? <ErrorNote error={create.error} /> : null}
    </Panel>
  );
}
