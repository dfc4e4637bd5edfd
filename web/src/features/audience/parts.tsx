// The pieces that conditions are made of: an event, a comparison, a value, filters, a stretch of time.
import type { RuleName } from "../../api/live";
import { useWords } from "../../i18n/use";
import { Choice, Field, IconButton } from "../../ui/controls";
import { Values } from "../../ui/inputs";
import { Picker } from "../../ui/picker";
import css from "./builder.module.css";
import { opsFor, refit, typedValue, valueShape, type ValueKind, type Where, type Window } from "./language";
import { kindOfName, samplesOf, type Names } from "./names";

export interface Complaints {
  /** The sentence for a field; "" is the condition itself. */
  at: (field: string) => string | undefined;
}

export function OpChoice({ op, kind, onChange, only, error }: { op: string; kind: ValueKind; onChange: (op: string) => void; only?: readonly string[]; error?: string | undefined }) {
  const t = useWords();
  const ops = only ?? opsFor(kind);
  const all = ops.includes(op) ? ops : [op, ...ops];
  return <Choice size="xs" label={t("builder.op")} value={op} error={error} onChange={onChange} options={all.map((value) => ({ value, label: t(`op.${value}` as "op.=") }))} />;
}

export function ValueField({ op, kind, value, samples, onChange, error }: { op: string; kind: ValueKind; value: unknown; samples: string[]; onChange: (value: unknown) => void; error?: string | undefined }) {
  const t = useWords();
  const shape = valueShape(op, kind);
  const text = value === undefined || value === null ? "" : String(value as string | number | boolean);
  switch (shape) {
    case "none": return null;
    case "list": return (
      <div className={css.labelled}><span>{t("builder.value")}</span>
        <Values label={t("builder.value")} values={(Array.isArray(value) ? value : []).map(String)} suggestions={samples} onChange={(values) => onChange(values.map((v) => typedValue(v, kind === "number" ? "number" : "text")))} />
      </div>
    );
    case "duration": return <Duration label={t("builder.value")} value={text} units={["d", "w"]} onChange={onChange} />;
    case "flag": return <Choice size="xs" label={t("builder.value")} value={text} onChange={(next) => onChange(next === "true")} options={[{ value: "true", label: t("segments.yes") }, { value: "false", label: t("segments.no") }]} />;
    case "date": return <Field size="xs" type="date" label={t("builder.value")} value={text.slice(0, 10)} onChange={onChange} error={error} />;
    case "number": return <Field size="xs" inputMode="decimal" width={110} label={t("builder.value")} value={text} onChange={(next) => onChange(typedValue(next, "number"))} error={error} />;
    default: return <Picker free label={t("builder.value")} value={text} options={samples.map((s) => ({ value: s, label: s }))} onChange={onChange} error={error} width={150} />;
  }
}

interface ComparisonProps {
  name: RuleName | undefined;
  op: string;
  value: unknown;
  onChange: (op: string, value: unknown) => void;
  complaints: Complaints;
  field?: string;
}

/** A comparison and its value, which fit each other. */
export function Comparison({ name, op, value, onChange, complaints, field = "" }: ComparisonProps) {
  const kind = kindOfName(name);
  const prefix = field ? `${field}.` : "";
  return (
    <>
      <OpChoice op={op} kind={kind} onChange={(next) => onChange(next, refit(value, next, kind))} error={complaints.at(`${prefix}op`)} />
      <ValueField op={op} kind={kind} value={value} samples={samplesOf(name)} onChange={(next) => onChange(op, next)} error={complaints.at(`${prefix}value`)} />
    </>
  );
}

export function EventPick({ label, value, names, any, onChange, error }: { label: string; value: string; names: Names; any?: boolean; onChange: (event: string) => void; error?: string | undefined }) {
  const t = useWords();
  const options = any ? [{ value: "*", label: t("builder.anyEvent") }, ...names.events] : names.events;
  return <Picker free label={label} value={value} options={options} onChange={onChange} error={error} width={200} />;
}

export function PropertyPick({ event, value, names, onChange, error, optional }: { event: string; value: string; names: Names; onChange: (property: string) => void; error?: string | undefined; optional?: boolean }) {
  const t = useWords();
  const options = names.properties(event).map((p) => ({ value: p.name, label: p.label ?? p.name, note: samplesOf(p).slice(0, 2).join(", ") || undefined }));
  return <Picker free label={t("builder.property")} value={value} options={optional ? [{ value: "", label: t("builder.noProperty") }, ...options] : options} placeholder={optional ? t("builder.noProperty") : undefined as unknown as string} onChange={onChange} error={error} width={150} />;
}

/** Only the events whose properties compare so. */
export function Filters({ event, where, names, onChange, complaints, field = "where" }: { event: string; where: Where[]; names: Names; onChange: (where: Where[] | undefined) => void; complaints: Complaints; field?: string }) {
  const t = useWords();
  const put = (at: number, next: Where) => onChange(where.map((one, i) => (i === at ? next : one)));
  return (
    <div className={css.filters}>
      {where.map((one, at) => {
        const property = names.properties(event).find((p) => p.name === one.property);
        return (
          <div key={at} className={css.filter}>
            <span className={css.only}>{at === 0 ? t("builder.only") : t("builder.and")}</span>
            <PropertyPick event={event} value={one.property} names={names} error={complaints.at(`${field}[${at}].property`)} onChange={(next) => put(at, { ...one, property: next })} />
            <Comparison name={property} op={one.op} value={one.value} complaints={complaints} field={`${field}[${at}]`} onChange={(op, value) => put(at, value === undefined ? { property: one.property, op } : { property: one.property, op, value })} />
            <IconButton icon="close" size="sm" label={t("builder.removeFilter")} onClick={() => onChange(where.length > 1 ? where.filter((_, i) => i !== at) : undefined)} />
          </div>
        );
      })}
      <button type="button" className={css.more} onClick={() => onChange([...where, { property: "", op: "=", value: "" }])}>+ {t("builder.addFilter")}</button>
    </div>
  );
}

const unitNames = { m: "builder.unit.m", h: "builder.unit.h", d: "builder.unit.d", w: "builder.unit.w" } as const;

type Unit = keyof typeof unitNames;

const allUnits: readonly Unit[] = ["m", "h", "d", "w"];

export function Duration({ label, value, onChange, units = allUnits, error }: { label: string; value: string; onChange: (value: string) => void; units?: readonly Unit[]; error?: string | undefined }) {
  const t = useWords();
  const [, count = "", unit = "d"] = /^(\d*)([mhdw])$/.exec(value) ?? [];
  return (
    <div className={css.pair}>
      <Field size="xs" inputMode="numeric" label={label} value={count} width={64} error={error} onChange={(next) => onChange(next.replaceAll(/\D/g, "").slice(0, 5) + unit)} />
      <Choice hideLabel size="xs" label={t("builder.unit.label")} value={unit} onChange={(next) => onChange((count || "1") + next)} options={units.map((u) => ({ value: u, label: t(unitNames[u]) }))} />
    </div>
  );
}

const stretches = ["any", "last", "calendar", "between", "since"] as const;
const calendars = ["today", "yesterday", "this_week", "last_week", "this_month", "last_month", "this_year", "last_year"] as const;

function stretchOf(window: Window | undefined): (typeof stretches)[number] {
  if (!window) return "any";
  if (window.last !== undefined) return "last";
  if (window.calendar !== undefined) return "calendar";
  return window.since ? "since" : "between";
}

const beginnings: Record<(typeof stretches)[number], Window | undefined> = {
  any: undefined, last: { last: "30d" }, calendar: { calendar: "this_month" }, between: { from: "", to: "" }, since: { since: { event: "", which: "last" } },
};

/** When it must have happened. */
export function WindowField({ window, names, onChange, complaints, field = "window", onlyLast }: { window: Window | undefined; names: Names; onChange: (window: Window | undefined) => void; complaints: Complaints; field?: string; onlyLast?: boolean }) {
  const t = useWords();
  const stretch = stretchOf(window);
  const dates = (next: { from?: string; to?: string }) => {
    const both = { from: window?.from, to: window?.to, ...next };
    onChange({ ...(both.from ? { from: both.from } : {}), ...(both.to ? { to: both.to } : {}), ...(both.from || both.to ? {} : { from: "" }) });
  };
  return (
    <>
      {onlyLast ? null : (
        <Choice size="xs" label={t("builder.when")} value={stretch} error={complaints.at(field)} onChange={(next) => onChange(beginnings[next as (typeof stretches)[number]])}
          options={stretches.map((value) => ({ value, label: t(`builder.stretch.${value}`) }))} />
      )}
      {stretch === "last" ? <Duration label={t("builder.length")} value={window?.last ?? ""} error={complaints.at(`${field}.last`)} onChange={(last) => onChange({ last })} /> : null}
      {stretch === "calendar" ? <Choice size="xs" label={t("builder.period")} value={window?.calendar ?? ""} onChange={(calendar) => onChange({ calendar })} options={calendars.map((value) => ({ value, label: t(`builder.calendar.${value}`) }))} /> : null}
      {stretch === "between" ? (
        <>
          <Field size="xs" type="date" label={t("builder.from")} value={(window?.from ?? "").slice(0, 10)} onChange={(from) => dates({ from })} error={complaints.at(`${field}.from`)} />
          <Field size="xs" type="date" label={t("builder.until")} value={(window?.to ?? "").slice(0, 10)} onChange={(to) => dates({ to })} error={complaints.at(`${field}.to`)} />
        </>
      ) : null}
      {stretch === "since" && window?.since ? (
        <>
          <Choice size="xs" label={t("builder.which")} value={window.since.which} onChange={(which) => onChange({ since: { ...window.since, event: window.since?.event ?? "", which: which === "first" ? "first" : "last" } })}
            options={[{ value: "last", label: t("builder.lastOne") }, { value: "first", label: t("builder.firstOne") }]} />
          <EventPick label={t("builder.event")} value={window.since.event} names={names} error={complaints.at(`${field}.since.event`)} onChange={(event) => onChange({ since: { ...window.since, which: window.since?.which ?? "last", event } })} />
        </>
      ) : null}
    </>
  );
}
