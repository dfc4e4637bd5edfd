// The door: on a server with API keys, a key lets this browser in. On this machine's own server without keys it is never seen.
import { useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";

import { answer, api } from "../api/client";
import { sessionQuery } from "../api/session";
import type { Session } from "../api/types";
import { useWords } from "../i18n/use";
import { Button, Field, IconButton } from "../ui/controls";
import { ErrorNote, LoadingPage } from "../ui/state";
import { LanguageSwitch } from "./scopebar";
import css from "./signin.module.css";

/** Shows the screens to whoever may see them, and the sign-in form to everybody else. */
export function Door({ children }: { children: ReactNode }) {
  const session = useQuery(sessionQuery);
  if (session.isPending) return <main className={css.page}><LoadingPage /></main>;
  if (session.data?.scope === "public") return <SignIn />;
  // An error here is the server's or the line's: each screen words its own.
  return children;
}

// Another caller sees other answers: what was kept for the last one goes.
function welcome(queries: QueryClient, caller: Session) {
  queries.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionQuery.queryKey[0] });
  queries.setQueryData(sessionQuery.queryKey, caller);
}

function SignIn() {
  const t = useWords();
  const queries = useQueryClient();
  const [key, setKey] = useState("");
  const enter = useMutation({
    mutationFn: () => answer(api.POST("/v1/session", { body: { key: key.trim() } })),
    onSuccess: (session) => welcome(queries, session),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate();
  };
  return (
    <main className={css.page}>
      <div className={css.card}>
        <h1 className={css.title}>{t("door.title")}</h1>
        <p className={css.text}>{t("door.sentence")}</p>
        <form className={css.form} onSubmit={submit}>
          <Field label={t("door.key")} type="password" value={key} onChange={setKey} autoFocus />
          <Button type="submit" variant="primary" size="md" disabled={key.trim() === ""} busy={enter.isPending}>{t("door.enter")}</Button>
        </form>
        {enter.isError ? <ErrorNote error={enter.error} /> : null}
        <p className={css.hint}>{t("door.hint")} <code>dangol key create</code></p>
        <LanguageSwitch />
      </div>
    </main>
  );
}

/** Ends this browser's session; shown only where one was begun. */
export function SignOut() {
  const t = useWords();
  const queries = useQueryClient();
  const session = useQuery(sessionQuery);
  const leave = useMutation({
    mutationFn: () => answer(api.DELETE("/v1/session")),
    onSuccess: (nobody) => welcome(queries, nobody),
  });
  if (!session.data || session.data.scope === "public" || session.data.name === "local user") return null;
  return <IconButton icon="leave" label={t("door.leave")} onClick={() => leave.mutate()} />;
}
