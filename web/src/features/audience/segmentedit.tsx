import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useBlocker, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useState, type KeyboardEvent } from "react";

import { Fault } from "../../api/client";
import type { Segment } from "../../api/types";
import { useFormat, useSentence, useWords } from "../../i18n/use";
import { segmentName } from "../../lib/groups";
import { Button, Field, IconButton, Switch } from "../../ui/controls";
import { Icon } from "../../ui/icons";
import { Area } from "../../ui/inputs";
import { Dialog } from "../../ui/overlay";
import { Page, Panel } from "../../ui/page";
import { Answer, ErrorNote, LoadingPage, Note } from "../../ui/state";
import { RuleBuilder } from "./builder";
import css from "./builder.module.css";
import { complaints } from "./faults";
import type { Json } from "./language";
import { useNames } from "./names";
import { PreviewPanel, usePreview } from "./preview";
import { segmentQuery } from "./queries";
import { createSegment, dependantsQuery, updateSegment } from "./rulequeries";
import segmentCss from "./segments.module.css";
import { written } from "./tree";
import { useBuilder } from "./usebuilder";

/** A new segment, from nothing or from an event that was just seen. */
export function SegmentNewScreen() {
  const { event } = useSearch({ from: "/segments/new" });
  return <Editor rule={event ? { did: event, times: { ">=": 1 }, window: { last: "30d" } } : null} />;
}

/** An existing one, under the same hands. */
export function SegmentEditScreen() {
  const { slug } = useParams({ from: "/segments/$slug/edit" });
  const query = useQuery({ ...segmentQuery({}, slug), staleTime: 0 });
  return <Answer query={query} loading={<LoadingPage />}>{(segment) => <Editor key={segment.slug} segment={segment} rule={segment.live_rule ?? segment.rule} />}</Answer>;
}

function Editor({ segment, rule }: { segment?: Segment; rule: unknown }) {
  const t = useWords();
  const sentence = useSentence();
  const names = useNames();
  const builder = useBuilder(rule);
  const [name, setName] = useState<string>(segment?.name ?? "");
  const [description, setDescription] = useState(segment?.description ?? "");
  const [view, setView] = useState<"builder" | "json">("builder");
  const [asking, setAsking] = useState(false);
  const out = useMemo(() => written(builder.root), [builder.root]);
  const preview = usePreview(out.rule);
  const found = useMemo(() => complaints(preview.fault, out.places), [preview.fault, out.places]);
  const [first] = useState(() => JSON.stringify(out.rule));
  const dirty = JSON.stringify(out.rule) !== first || name !== (segment?.name ?? "") || description !== (segment?.description ?? "");
  const save = useSave(segment, () => ({ name: name.trim(), description: description.trim(), rule: out.rule as Json }));
  useBlocker({ shouldBlockFn: () => dirty && !save.isSuccess && !window.confirm(t("builder.leave")), enableBeforeUnload: () => dirty && !save.isSuccess });
  const needs = [
    ...(name.trim() === "" ? [t("builder.needs.name")] : []),
    ...(out.unfinished.length > 0 ? [t("builder.needs.unfinished", { count: out.unfinished.length })] : out.rule === null ? [t("builder.needs.rule")] : []),
    ...(preview.fault ? [t("builder.needs.fault")] : []),
  ];
  const title = segment ? t("builder.edit", { name: segmentName(sentence, segment.slug, segment.name) }) : t("builder.new");
  const back = segment ? { to: "/segments/$slug", params: { slug: segment.slug } } : { to: "/segments", params: {} };
  return (
    <Page title={title} lede={segment ? undefined : t("builder.lede")} above={<Link to={back.to as "/segments"} params={back.params as never} className={segmentCss.back}><Icon name="left" size={14} />{segment ? segment.name : t("segments.title")}</Link>}
      actions={<><p className={css.needs} role="status">{needs.join(" ")}</p><Button variant="primary" size="md" disabled={needs.length > 0} busy={save.isPending} onClick={() => (segment ? setAsking(true) : save.mutate())}>{t("builder.save")}</Button></>}>
      {save.error && !asking ? <ErrorNote error={save.error} /> : null}
      {segment?.locked ? <Note tone="warn">{t("builder.locked")}</Note> : null}
      <div className={css.bench} onKeyDown={undoKeys(builder.undo, builder.redo)} role="presentation">
        <div className={segmentCss.stack}>
          <Panel><div className={css.naming}><Field label={t("builder.name")} value={name} onChange={setName} placeholder={t("builder.nameHint")} /><Field label={t("builder.description")} value={description} onChange={setDescription} placeholder={t("builder.descriptionHint")} /></div></Panel>
          <Panel title={t("segments.rule")}
            actions={<div className={css.benchTools}>
              <IconButton icon="undo" label={t("builder.undo")} disabled={!builder.canUndo} onClick={builder.undo} />
              <IconButton icon="redo" label={t("builder.redo")} disabled={!builder.canRedo} onClick={builder.redo} />
              <Switch label={t("builder.view")} value={view} onChange={setView} options={[{ value: "builder", label: t("builder.viewBuilder") }, { value: "json", label: t("builder.viewJson") }]} />
            </div>}>
            {view === "builder" ? <RuleBuilder builder={builder} names={names} complaints={found} /> : <JsonView rule={out.rule} fault={preview.fault} onRule={builder.replace} />}
          </Panel>
        </div>
        <PreviewPanel preview={preview} empty={out.rule === null} unfinished={out.unfinished.length} whole={found.get("") ?? []} broken={found.size > 0} />
      </div>
      {asking && segment ? <ConfirmSave segment={segment} now={preview.data?.estimate ? undefined : preview.data?.count} busy={save.isPending} error={save.error} onSave={() => save.mutate()} onClose={() => setAsking(false)} /> : null}
    </Page>
  );
}

function undoKeys(undo: () => void, redo: () => void) {
  return (event: KeyboardEvent) => {
    if (!(event.metaKey || event.ctrlKey) || event.key.toLowerCase() !== "z") return;
    // Inside a field the browser's own undo is meant.
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return;
    event.preventDefault();
    if (event.shiftKey) redo();
    else undo();
  };
}

function useSave(segment: Segment | undefined, body: () => { name: string; description: string; rule: Json }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async () => (segment ? { ...(await updateSegment(segment.slug, body())), id: segment.slug } : createSegment(body())),
    onSuccess: (made) => {
      for (const key of ["segments", "segment", "rules", "overlap", "overlaps", "members"]) void queries.invalidateQueries({ queryKey: [key] });
      // After the guard has seen that nothing is left unsaved.
      setTimeout(() => void navigate({ to: "/segments/$slug", params: { slug: made.id } }), 0);
    },
  });
}

/** What else hangs on it, and what the change does, before it is done. */
function ConfirmSave({ segment, now, busy, error, onSave, onClose }: { segment: Segment; now: number | undefined; busy: boolean; error: unknown; onSave: () => void; onClose: () => void }) {
  const t = useWords();
  const f = useFormat();
  const sentence = useSentence();
  const query = useQuery(dependantsQuery(segment.slug));
  const items = query.data?.items ?? [];
  return (
    <Dialog title={t("builder.confirmTitle")} onClose={onClose} actions={<><Button onClick={onClose}>{t("builder.cancel")}</Button><Button variant="primary" busy={busy} onClick={onSave}>{t("builder.save")}</Button></>}>
      {error ? <ErrorNote error={error} /> : null}
      <p>{t("builder.confirmCount", { before: f.int(segment.customers), after: f.int(now) })}</p>
      {query.isPending ? <p role="status">{t("state.loading")}</p> : query.error ? <ErrorNote error={query.error} /> : items.length === 0 ? <Note tone="good">{t("builder.noDependants")}</Note> : (
        <Note tone="warn"><p>{t("builder.dependants", { count: items.length })}</p><ul className={css.list}>{items.map((id) => <li key={id}>{segmentName(sentence, id, id)}</li>)}</ul></Note>
      )}
    </Dialog>
  );
}

/** The rule as text, for those who would rather type it. */
function JsonView({ rule, fault, onRule }: { rule: Json | null; fault: Fault | null; onRule: (rule: unknown) => void }) {
  const t = useWords();
  const [text, setText] = useState(() => JSON.stringify(rule ?? {}, null, 2));
  const [wrong, setWrong] = useState("");
  useEffect(() => {
    const wait = setTimeout(() => {
      try {
        const value: unknown = JSON.parse(text);
        if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(t("builder.jsonObject"));
        setWrong("");
        if (JSON.stringify(value) !== JSON.stringify(rule ?? {})) onRule(value);
      } catch (error) {
        setWrong(error instanceof Error ? error.message : String(error));
      }
    }, 300);
    return () => clearTimeout(wait);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only typing starts the wait
  }, [text]);
  const said = wrong || (fault ? [fault.where?.field, fault.message, fault.next, ...fault.details].filter(Boolean).join(" · ") : "");
  return <Area code label={t("builder.viewJson")} hideLabel rows={14} maxRows={34} value={text} onChange={setText} error={said || undefined} />;
}
