// The shapes of what came with the live log: events, sources, people, rules, settings.

export type Fate = "accepted" | "quarantined" | "duplicate";

export interface LiveEvent {
  /** Where it stands in the log: unique, and ever growing. */
  place: string;
  message_id: string;
  type: string;
  name: string;
  at: string;
  received_at: string;
  source: string;
  customer?: string | null;
  fate: Fate;
  reason?: string;
  sentence?: string;
  next?: string;
  identities?: string[] | null;
  properties?: Record<string, unknown> | null;
  context?: Record<string, unknown> | null;
}

export interface Paged<T> {
  items: T[] | null;
  next?: string;
}

export interface Summary {
  events: number;
  by_name?: Record<string, number> | null;
  people: number;
  quarantined: number;
  duplicates: number;
  lag: number;
}

export interface Quarantined {
  place: string;
  received_at: string;
  source: string;
  reason: string;
  sentence: string;
  next?: string;
  raw: unknown;
}

export interface QuarantinePage extends Paged<Quarantined> {
  by_reason?: Record<string, number> | null;
}

export interface DeadLetter {
  place: string;
  received_at?: string;
  at?: string;
  source?: string;
  reason?: string;
  sentence?: string;
  next?: string;
  attempts?: number;
  raw?: unknown;
}

export interface Replayed {
  replayed: number;
  still?: (string | { place: string; reason?: string; sentence?: string })[] | null;
}

/** What the status says of the log. */
export interface LogState {
  lag_events: number;
  oldest_unprocessed_s: number;
  bytes: number;
  disk_free_bytes: number;
  state: "ok" | "behind" | "stalled" | "full";
  dead_letters: number;
  quarantined: number;
}

export type Health = "ok" | "silent" | "failing" | "new";

export interface Source {
  id: string;
  name: string;
  kind: "key" | "webhook" | "local";
  last_event_at?: string | null;
  events_24h: number;
  quarantined_24h: number;
  duplicates_24h: number;
  libraries?: { name: string; version: string }[] | null;
  health: Health;
}

export interface Webhook {
  id: string;
  name: string;
  kind: "shopify" | "woocommerce" | "cafe24" | "generic";
  mapping?: unknown;
  enabled: boolean;
  url?: string;
}

export interface MappingPreview {
  events: Record<string, unknown>[] | null;
  problems: { path: string; sentence: string; next?: string }[] | null;
}

/** A name that rules may use: a property, an attribute, a trait, a score. */
export interface RuleName {
  name: string;
  label?: string;
  kind?: "" | "text" | "number" | "flag" | "time";
  unit?: string;
  samples?: (string | number | boolean)[] | null;
}

export interface RuleEvent {
  name: string;
  count?: number;
  properties?: RuleName[] | null;
}

export interface RuleNames {
  events: RuleEvent[] | null;
  attributes: RuleName[] | null;
  traits: RuleName[] | null;
  scores: (RuleName | string)[] | null;
  segments: ({ id: string; name?: string } | string)[] | null;
  markets: string[] | null;
}

export interface Condition {
  sentence: string;
  value?: unknown;
  holds: boolean;
  place?: string;
}

export interface SegmentPreview {
  count: number;
  count_month_ago?: number | null;
  people: number;
  sentence: string;
  sentences?: Record<string, string> | null;
  sample: { customer: string; name?: string; email?: string; conditions?: Condition[] | null }[] | null;
  warnings?: string[] | null;
  took_ms: number;
}

export interface SegmentMade {
  id: string;
  sentence?: string;
  sentences?: Record<string, string> | null;
  members?: number;
}

export interface Dependant {
  kind: string;
  id: string;
  name: string;
}

export interface SegmentSize {
  at: string;
  size: number;
  entered: number;
  left: number;
}

export interface Why {
  member: boolean;
  since?: string | null;
  sentence?: string;
  conditions: Condition[] | null;
}
