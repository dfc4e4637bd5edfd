import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";

import { Fault } from "../../api/client";
import type { MappingAsk, MappingPreview, Webhook } from "../../api/live";
import { useWords } from "../../i18n/use";
import { Button, Choice, Field, IconButton } from "../../ui/controls";
import { Area } from "../../ui/inputs";
import { JsonTree } from "../../ui/json";
import { Panel } from "../../ui/page";
import { Picker, type PickOption } from "../../ui/picker";
import { ErrorNote, Note } from "../../ui/state";
import { eventMaps, firstMaps, fixedTargets, mappingOf, pathsOf, rowAt, type EventMap, type MapRow } from "./hookrows";
import { mappingPreviewQuery, saveHook } from "./sourcequeries";
import css from "./sources.module.css";

const firstSample = `{
  "type": "order",
  "id": "1001",
  "customer": { "id": "42", "email": "kim@example.com" },
  "total": 23000,
  "currency": "KRW"
}`;

function parsed(text: string): { value: unknown; wrong: string } {
  try {
    return { value: JSON.parse(text) as unknown, wrong: "" };
  } catch (error) {
    return { value: undefined, wrong: error instanceof Error ? error.message : String(error) };
  }
}

// What is asked is what has stood still for a moment.
function useStill<T>(value: T): T {
  const key = JSON.stringify(value);
  const [still, setStill] = useState({ value, key });
  useEffect(() => {
    if (still.key === key) return undefined;
    const wait = setTimeout(() => setStill({ value, key }), 300);
    return () => clearTimeout(wait);
  }, [value, key, still.key]);
  return still.value;
}

/** Left what is sent, right what of it means what, below the events that come of it, while one types. */
export function HookMapping({ hook }: { hook: Webhook }) {
  const t = useWords();
  const queries = useQueryClient();
  const [maps, setMaps] = useState(() => {
    const known = eventMaps(hook.mapping);
    return known.length > 0 ? known : firstMaps;
  });
  const [sample, setSample] = useState(firstSample);
  const [topic, setTopic] = useState("");
  const read = parsed(sample);
  const mapping = mappingOf(hook.mapping, maps);
  const asked = useStill<MappingAsk>({ kind: "generic", mapping, sample: read.value, ...(topic ? { topic } : {}) });
  const preview = useQuery(mappingPreviewQuery(asked, asked.sample !== undefined));
  const fault = preview.error instanceof Fault ? preview.error : null;
  const at = fault ? rowAt(fault.where?.field ?? "", maps) : null;
  const paths = useMemo<PickOption[]>(() => pathsOf(parsed(sample).value).map(({ path, value }) => ({ value: path, label: path, note: value })), [sample]);
  const save = useMutation({
    mutationFn: () => saveHook(hook.id, { name: hook.name, kind: hook.kind, enabled: hook.enabled, mapping }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["live", "hook", hook.id] }),
  });
  return (
    <Panel title={t("hook.mapping")} note={t("hook.mappingNote")} actions={<Button variant="primary" busy={save.isPending} disabled={Boolean(fault)} onClick={() => save.mutate()}>{t("hook.saveMapping")}</Button>}>
      <div className={css.steps}>
        {save.error ? <ErrorNote error={save.error} /> : save.isSuccess ? <Note tone="good">{t("settings.saved")}</Note> : null}
        <div className={css.mapping}>
          <div className={css.steps}>
            <Area code label={t("hook.sample")} value={sample} onChange={setSample} rows={12} maxRows={24} error={read.wrong || undefined} />
            <Field size="xs" label={t("hook.topic")} value={topic} onChange={setTopic} placeholder="order.created" />
          </div>
          <div className={css.steps}>
            {maps.map((map, event) => (
              <EventCard key={event} map={map} paths={paths} wrong={at?.event === event ? { target: at.target, sentence: [fault?.message, fault?.next].filter(Boolean).join(" ") } : null}
                onChange={(next) => setMaps(maps.map((one, i) => (i === event ? next : one)))} onRemove={maps.length > 1 ? () => setMaps(maps.filter((_, i) => i !== event)) : undefined} />
            ))}
            <div><Button size="xs" icon="plus" onClick={() => setMaps([...maps, { event: "", topic: "", each: "", type: "track", rest: {}, rows: [{ target: "user_id", from: "path", value: "" }] }])}>{t("hook.addEvent")}</Button></div>
          </div>
        </div>
        <Outcome data={preview.data} error={fault && !at ? fault : preview.error && !fault ? preview.error : null} />
      </div>
    </Panel>
  );
}

interface CardProps {
  map: EventMap;
  paths: PickOption[];
  wrong: { target: string; sentence: string } | null;
  onChange: (map: EventMap) => void;
  onRemove: (() => void) | undefined;
}

const types = ["track", "identify", "page", "screen", "group", "alias"] as const;

function EventCard({ map, paths, wrong, onChange, onRemove }: CardProps) {
  const t = useWords();
  const error = (target: string) => (wrong?.target === target ? wrong.sentence : undefined);
  const put = (at: number, next: Partial<MapRow>) => onChange({ ...map, rows: map.rows.map((row, i) => (i === at ? { ...row, ...next } : row)) });
  const known = map.rows.some((row) => row.target === wrong?.target) || ["event", "topic", "each", "type"].includes(wrong?.target ?? "");
  return (
    <fieldset className={css.eventCard}>
      <legend className="visually-hidden">{map.event || t("hook.event")}</legend>
      <div className={css.mapHead}>
        <Field size="xs" label={t("hook.event")} value={map.event} onChange={(event) => onChange({ ...map, event })} error={error("event")} placeholder="Order Completed" disabled={map.type !== "track" && map.type !== "page" && map.type !== "screen"} />
        <Choice size="xs" label={t("event.type")} value={map.type} onChange={(type) => onChange({ ...map, type })} options={types.map((value) => ({ value, label: value }))} />
        <Field size="xs" label={t("hook.onlyTopic")} value={map.topic} onChange={(topic) => onChange({ ...map, topic })} error={error("topic")} placeholder={t("filter.any")} />
        <Field size="xs" label={t("hook.each")} value={map.each} onChange={(each) => onChange({ ...map, each })} error={error("each")} placeholder="$.items[*]" />
        {onRemove ? <IconButton icon="trash" size="sm" label={t("hook.removeEvent")} onClick={onRemove} /> : null}
      </div>
      {wrong && !known ? <Note tone="bad">{wrong.sentence}</Note> : null}
      {map.rows.map((row, at) => <RowFields key={at} row={row} paths={paths} error={error(row.target)} onChange={(next) => put(at, next)} onRemove={() => onChange({ ...map, rows: map.rows.filter((_, i) => i !== at) })} />)}
      <button type="button" className={css.more} onClick={() => onChange({ ...map, rows: [...map.rows, { target: "properties.", from: "path", value: "" }] })}>+ {t("hook.addField")}</button>
    </fieldset>
  );
}

const suggested = [...fixedTargets, "properties.order_id", "properties.revenue", "properties.currency", "properties.coupon", "properties.channel", "properties.products", "traits.name", "traits.birthday", "external_ids.shop", "external_ids.line", "external_ids.kakao", "external_ids.pos"];
const froms = ["path", "const", "text", "json"] as const;

function RowFields({ row, paths, error, onChange, onRemove }: { row: MapRow; paths: PickOption[]; error: string | undefined; onChange: (row: Partial<MapRow>) => void; onRemove: () => void }) {
  const t = useWords();
  return (
    <div className={css.mapRow}>
      <Picker free hideLabel label={t("hook.field")} value={row.target} options={suggested.map((value) => ({ value, label: value }))} onChange={(target) => onChange({ target })} />
      <Choice hideLabel size="xs" label={t("hook.from")} value={row.from} onChange={(from) => onChange({ from: from as MapRow["from"] })} options={froms.map((value) => ({ value, label: t(`hook.froms.${value}`) }))} />
      {row.from === "path" ? <Picker free hideLabel label={t("hook.path")} value={row.value} options={paths} onChange={(value) => onChange({ value })} error={error} placeholder="$.customer.id" />
        : <Field hideLabel size="xs" label={t("builder.value")} value={row.value} onChange={(value) => onChange({ value })} error={error} placeholder={row.from === "text" ? "{{$.first}} {{$.last}}" : ""} />}
      <IconButton icon="close" size="sm" label={t("inputs.remove", { what: row.target })} onClick={onRemove} />
    </div>
  );
}

/** What a shop's own deliveries would tell: paste one and see. */
export function HookSample({ hook }: { hook: Webhook }) {
  const t = useWords();
  const [sample, setSample] = useState("");
  const [topic, setTopic] = useState(hook.kind === "shopify" ? "orders/create" : hook.kind === "woocommerce" ? "order.created" : "");
  const read = parsed(sample || "null");
  const asked = useStill({ kind: hook.kind, sample: read.value, ...(hook.mapping ? { mapping: hook.mapping } : { mapping: undefined }), ...(topic ? { topic } : {}) });
  const preview = useQuery(mappingPreviewQuery(asked, sample !== "" && !read.wrong && asked.sample !== null));
  return (
    <Panel title={t("hook.try")} note={t("hook.tryNote")}>
      <div className={css.steps}>
        <div className={css.naming}><Field size="xs" label={t("hook.topic")} value={topic} onChange={setTopic} /></div>
        <Area code label={t("hook.sample")} value={sample} onChange={setSample} rows={6} maxRows={20} error={sample ? read.wrong || undefined : undefined} />
        {sample ? <Outcome data={preview.data} error={preview.error} /> : null}
      </div>
    </Panel>
  );
}

function Outcome({ data, error }: { data: MappingPreview | undefined; error: unknown }) {
  const t = useWords();
  const problems = data?.problems ?? [];
  const events = data?.events ?? [];
  return (
    <section className={css.outcome} aria-live="polite">
      <h3>{t("hook.becomes", { count: events.length })}</h3>
      {error ? <ErrorNote error={error} /> : null}
      {problems.map((p) => <Note key={p.path + p.sentence} tone="bad"><p><code>{p.path}</code> {p.sentence}</p>{p.next ? <p>{p.next}</p> : null}</Note>)}
      {data?.note ? <Note>{data.note}</Note> : null}
      <div className={css.events}>{events.map((event, at) => <JsonTree key={at} label={t("hook.event")} value={event} open={3} />)}</div>
    </section>
  );
}
