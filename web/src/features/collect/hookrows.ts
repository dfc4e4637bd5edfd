// The mapping of a generic webhook as rows that people edit: which field, from where. What rows cannot say stays as JSON.

export type Json = Record<string, unknown>;

export interface MapRow {
  /** "user_id", "properties.order_id", "external_ids.line". */
  target: string;
  /** A path into what was sent, a fixed value, a text with holes, or the object that says more. */
  from: "path" | "const" | "text" | "json";
  value: string;
}

export interface EventMap {
  event: string;
  topic: string;
  each: string;
  type: string;
  rows: MapRow[];
  /** Conditions and whatever else the rows do not show. */
  rest: Json;
}

/** The fields of an event, in the order in which people think of them. */
export const fixedTargets = ["user_id", "email", "phone", "anonymous_id", "timestamp", "message_id", "group_id", "previous_id"] as const;

const groups = ["properties", "traits", "external_ids", "context"] as const;

function rowOf(target: string, value: unknown): MapRow {
  if (typeof value === "string") {
    if (/^[$@]/.test(value)) return { target, from: "path", value };
    return value.includes("{{") ? { target, from: "text", value } : { target, from: "const", value };
  }
  if (typeof value === "object" && value !== null) {
    const only = Object.keys(value);
    if (only.length === 1 && "const" in value && typeof value.const === "string") return { target, from: "const", value: value.const };
    return { target, from: "json", value: JSON.stringify(value) };
  }
  return { target, from: "const", value: String(value) };
}

// "12" typed as a constant is a number; a constant that looks like a path is wrapped, so that it is not read as one.
function valueOf(row: MapRow): unknown {
  const text = row.value.trim();
  if (row.from === "json") {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return text;
    }
  }
  if (row.from !== "const") return text;
  if (/^[$@]/.test(text) || text.includes("{{")) return { const: text };
  if (/^-?\d+(\.\d+)?$/.test(text) && !/^-?0\d/.test(text)) return Number(text);
  return text === "true" ? true : text === "false" ? false : text;
}

/** What a generic webhook begins with: an order, as it is most often sent. */
export const firstMaps: EventMap[] = [{ event: "Order Completed", topic: "", each: "", type: "track", rest: {}, rows: [
  { target: "user_id", from: "path", value: "$.customer.id" }, { target: "email", from: "path", value: "$.customer.email" },
  { target: "properties.order_id", from: "path", value: "$.id" }, { target: "properties.revenue", from: "path", value: "$.total" }, { target: "properties.currency", from: "path", value: "$.currency" },
] }];

/** Reads the events of a mapping. */
export function eventMaps(mapping: unknown): EventMap[] {
  const events = typeof mapping === "object" && mapping !== null ? (mapping as { events?: unknown }).events : undefined;
  if (!Array.isArray(events)) return [];
  return events.map((given: Json) => {
    const { event, topic, each, type, ...others } = given;
    const rows: MapRow[] = [];
    const rest: Json = {};
    for (const [key, value] of Object.entries(others)) {
      if ((groups as readonly string[]).includes(key) && typeof value === "object" && value !== null) {
        for (const [name, inner] of Object.entries(value)) rows.push(rowOf(`${key}.${name}`, inner));
      } else if ((fixedTargets as readonly string[]).includes(key)) rows.push(rowOf(key, value));
      else rest[key] = value;
    }
    return { event: event === undefined ? "" : typeof event === "string" ? event : JSON.stringify(event), topic: String(topic ?? ""), each: String(each ?? ""), type: String(type ?? "track"), rows, rest };
  });
}

function eventOf(map: EventMap): Json {
  const out: Json = { ...map.rest };
  if (map.topic) out["topic"] = map.topic;
  if (map.each) out["each"] = map.each;
  if (map.type && map.type !== "track") out["type"] = map.type;
  if (map.event) out["event"] = map.event.startsWith("{") && !map.event.startsWith("{{") ? valueOf({ target: "", from: "json", value: map.event }) : map.event;
  for (const row of map.rows) {
    if (row.target === "" || row.target.endsWith(".") || row.value.trim() === "") continue;
    const dot = row.target.indexOf(".");
    const group = dot < 0 ? "" : row.target.slice(0, dot);
    if ((groups as readonly string[]).includes(group)) {
      const held = (out[group] ?? {}) as Json;
      out[group] = { ...held, [row.target.slice(dot + 1)]: valueOf(row) };
    } else out[row.target] = valueOf(row);
  }
  return out;
}

/** Writes the mapping, with all that is not about events as it was. */
export function mappingOf(before: unknown, maps: readonly EventMap[]): Json {
  const kept = typeof before === "object" && before !== null ? (before as Json) : {};
  return { ...kept, events: maps.map(eventOf) };
}

/** All places of a sample that hold a value, as paths. A list is shown by its first element. */
export function pathsOf(sample: unknown, most = 200): { path: string; value: string }[] {
  const found: { path: string; value: string }[] = [];
  const visit = (value: unknown, path: string) => {
    if (found.length >= most) return;
    if (Array.isArray(value)) {
      found.push({ path: `${path}[*]`, value: `[${value.length}]` });
      if (value.length > 0) visit(value[0], `${path}[0]`);
    } else if (typeof value === "object" && value !== null) {
      for (const [key, inner] of Object.entries(value)) visit(inner, /^[A-Za-z_][\w]*$/.test(key) ? `${path}.${key}` : `${path}['${key.replaceAll("'", "\\'")}']`);
    } else found.push({ path, value: String(value) });
  };
  visit(sample, "$");
  return found;
}

/** Which row a fault is about: "mapping.events[0].properties.price.path" is row properties.price of the first event. */
export function rowAt(field: string, maps: readonly EventMap[]): { event: number; target: string } | null {
  const [, at, rest = ""] = /events\[(\d+)\]\.?(.*)$/.exec(field) ?? [];
  if (at === undefined) return null;
  const event = Number(at);
  const row = maps[event]?.rows.filter((one) => rest === one.target || rest.startsWith(`${one.target}.`)).toSorted((a, b) => b.target.length - a.target.length)[0];
  return { event, target: row?.target ?? rest };
}
