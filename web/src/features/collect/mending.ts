// What a quarantined event lacks, as a form, and the form as the patch that is merged into the event.

export type MendKind = "text" | "time" | "type";

export interface MendField {
  /** Dotted, as in "context.traits.email". */
  path: string;
  kind: MendKind;
  value: string;
  /** The field is taken away instead: a null in the patch. */
  drop?: boolean;
}

const wanted: Record<string, Pick<MendField, "path" | "kind">[]> = {
  no_identity: [{ path: "userId", kind: "text" }, { path: "anonymousId", kind: "text" }],
  no_name: [{ path: "event", kind: "text" }],
  impossible_time: [{ path: "timestamp", kind: "time" }],
  bad_type: [{ path: "type", kind: "type" }],
  bad_amount: [{ path: "properties.revenue", kind: "text" }],
  bad_currency: [{ path: "properties.currency", kind: "text" }],
  no_order: [{ path: "properties.order_id", kind: "text" }],
};

/** The fields that a reason asks for; none where only the event itself can tell. */
export function fieldsFor(reason: string): MendField[] {
  return (wanted[reason.replace(/^.*\./, "")] ?? []).map((field) => ({ ...field, value: "" }));
}

const numeric = /(?:amount|revenue|price|quantity|total|value)$/i;

// A number typed where numbers are meant is one; an id made of digits stays text. Quotes, braces and brackets say what they are.
function valueOf(path: string, text: string): unknown {
  const trimmed = text.trim();
  if (/^["{[]/.test(trimmed) || trimmed === "true" || trimmed === "false" || (numeric.test(path) && /^-?\d+(\.\d+)?$/.test(trimmed))) {
    try {
      return JSON.parse(trimmed) as unknown;
    } catch {
      return trimmed;
    }
  }
  return trimmed;
}

/** The patch: nested as the paths say, without what was left empty. */
export function patchOf(fields: readonly MendField[]): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const { path, kind, value, drop } of fields) {
    if (!drop && value.trim() === "") continue;
    const steps = path.split(".").map((s) => s.trim()).filter(Boolean);
    const last = steps.pop();
    if (!last || [...steps, last].includes("__proto__")) continue;
    let at = patch;
    for (const step of steps) {
      const inner = at[step];
      const next = typeof inner === "object" && inner !== null && !Array.isArray(inner) ? (inner as Record<string, unknown>) : {};
      at[step] = next;
      at = next;
    }
    at[last] = drop ? null : kind === "time" ? instantOf(value) : valueOf(path, value);
  }
  return patch;
}

// The browser's field gives local time without a zone; the log wants an instant.
function instantOf(value: string): string {
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? value : date.toISOString();
}
