import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import type { Segment } from "../../api/types";
import { useSentence, useWords } from "../../i18n/use";
import { segmentName } from "../../lib/groups";
import { Button, Field } from "../../ui/controls";
import { GoLink } from "../../ui/golink";
import { Menu } from "../../ui/menu";
import { Dialog } from "../../ui/overlay";
import { ErrorNote, Note } from "../../ui/state";
import css from "./builder.module.css";
import { createSegment, dependantsQuery, segmentAct } from "./rulequeries";

type Act = "lock" | "unlock" | "archive" | "restore";

/** What can be done with a segment that people made. The built-in ones are only looked at. */
export function SegmentActions({ segment }: { segment: Segment }) {
  const t = useWords();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const act = useMutation({
    mutationFn: (what: Act) => segmentAct(segment.slug, what),
    onSuccess: (_, what) => {
      setAsking(false);
      for (const key of ["segments", "segment", "rules"]) void queries.invalidateQueries({ queryKey: [key] });
      if (what === "archive") void navigate({ to: "/segments" });
    },
  });
  if (!segment.kind || segment.kind === "built_in") return null;
  return (
    <>
      {segment.kind === "rule" && !segment.locked && !segment.archived ? <GoLink to="/segments/$slug/edit" params={{ slug: segment.slug }} icon="edit" look="quiet">{t("segments.edit")}</GoLink> : null}
      <Menu label={t("segments.more")} icon="settings" items={[
        segment.locked ? { key: "unlock", label: t("segments.unlock"), icon: "lock" as const, onPick: () => act.mutate("unlock") } : { key: "lock", label: t("segments.lock"), note: t("segments.lockNote"), icon: "lock" as const, onPick: () => act.mutate("lock") },
        segment.archived ? { key: "restore", label: t("segments.restore"), icon: "undo" as const, onPick: () => act.mutate("restore") } : { key: "archive", label: t("segments.archive"), note: t("segments.archiveNote"), icon: "archive" as const, onPick: () => setAsking(true) },
      ]} />
      {act.error && !asking ? <ErrorNote error={act.error} /> : null}
      {asking ? <Archiving segment={segment} busy={act.isPending} error={act.error} onClose={() => setAsking(false)} onArchive={() => act.mutate("archive")} /> : null}
    </>
  );
}

function Archiving({ segment, busy, error, onClose, onArchive }: { segment: Segment; busy: boolean; error: unknown; onClose: () => void; onArchive: () => void }) {
  const t = useWords();
  const sentence = useSentence();
  const query = useQuery(dependantsQuery(segment.slug));
  const items = query.data?.items ?? [];
  return (
    <Dialog title={t("segments.archiveTitle", { name: segment.name })} onClose={onClose} actions={<><Button onClick={onClose}>{t("builder.cancel")}</Button><Button variant="danger" busy={busy} disabled={query.isPending} onClick={onArchive}>{t("segments.archive")}</Button></>}>
      {error ? <ErrorNote error={error} /> : null}
      <p>{t("segments.archiveNote")}</p>
      {items.length > 0 ? <Note tone="warn"><p>{t("segments.archiveDependants", { count: items.length })}</p><ul className={css.list}>{items.map((id) => <li key={id}>{segmentName(sentence, id, id)}</li>)}</ul></Note> : query.data ? <Note tone="good">{t("builder.noDependants")}</Note> : null}
    </Dialog>
  );
}

/** Makes a segment without a rule, to be filled by people. */
export function ManualDialog({ onClose }: { onClose: () => void }) {
  const t = useWords();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const create = useMutation({
    mutationFn: () => createSegment({ name: name.trim(), description: description.trim(), kind: "manual" }),
    onSuccess: (made) => {
      void queries.invalidateQueries({ queryKey: ["segments"] });
      void navigate({ to: "/segments/$slug", params: { slug: made.id } });
    },
  });
  return (
    <Dialog typed title={t("segments.newManual")} onClose={onClose} actions={<><Button onClick={onClose}>{t("builder.cancel")}</Button><Button variant="primary" disabled={name.trim() === ""} busy={create.isPending} onClick={() => create.mutate()}>{t("builder.save")}</Button></>}>
      {create.error ? <ErrorNote error={create.error} /> : null}
      <Field label={t("builder.name")} value={name} onChange={setName} autoFocus />
      <Field label={t("builder.description")} value={description} onChange={setDescription} />
    </Dialog>
  );
}
