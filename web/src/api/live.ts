// The shapes of what came with the live log: events, sources, people, rules, settings.

import type { components } from "./schema";

type S = components["schemas"];
type Nullable<T, K extends keyof T> = Omit<T, K> & { [P in K]: T[P] | null };

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
  name?: string;
  type?: string;
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

/** A message of the log on which a stage failed each time. */
export interface DeadLetter {
  seq: string;
  at: string;
  /** How many events are in it. */
  events: number;
  problem: string;
}

export type Letter = components["schemas"]["FlowLetter"];
export type RawEvent = components["schemas"]["FlowRawEvent"];

export interface Replayed {
  replayed: number;
}

/** What the status says of the log. */
export interface LogState {
  /** Messages of the log that are not through yet. */
  lag_messages?: number;
  lag_events?: number;
  oldest_unprocessed_s: number;
  bytes: number;
  disk_free_bytes?: number;
  state: "ok" | "behind" | "stalled" | "full";
  /** What keeps events waiting, when something does. */
  problem?: string;
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
  last_at?: string | null;
  last_state?: "told" | "ignored" | "set_aside" | "refused";
  last_note?: string;
  /** Only in the answer to its making, where the server made it. */
  secret?: string;
}

export interface MappingPreview {
  events: Record<string, unknown>[] | null;
  problems: { path: string; sentence: string; next?: string }[] | null;
  /** Why it tells nothing. */
  note?: string;
}

/** A name that rules may use: a property, an attribute, a trait, a score. */
export interface RuleName {
  name: string;
  label?: string;
  labels?: Record<string, string> | null;
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

export interface SegmentMember {
  customer: string;
  name?: string;
  email?: string;
  since?: string | null;
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

export interface PersonIdentity {
  kind: string;
  value: string;
  first_seen_at?: string | null;
  last_seen_at?: string | null;
  source?: string;
  /** Several people were met with it, so it joins nobody any more. */
  shared?: boolean;
}

export interface PersonAttribute {
  name: string;
  value: unknown;
  at?: string | null;
  source?: string;
}

export interface PersonConsent {
  purpose: string;
  channel: string;
  state: "given" | "withdrawn" | "unknown";
  at?: string | null;
  source?: string;
  proof?: string;
}

export interface Suppression {
  channel: string;
  address: string;
  reason?: string;
  at?: string | null;
  who?: string;
}

export interface Merge {
  id: string;
  from: string;
  into: string;
  at: string;
  cause?: string;
  who?: string;
  why?: string;
  undone_at?: string | null;
  undone_by?: string;
}

/** What a customer's page has besides her orders. */
export interface PersonParts {
  identities?: PersonIdentity[] | null;
  attributes?: PersonAttribute[] | null;
  consents?: PersonConsent[] | null;
  suppressed?: Suppression[] | null;
  merges?: Merge[] | null;
  segments?: { id: string; name: string; since?: string | null }[] | null;
}

export interface MergePreview {
  into: string;
  from: string;
  identities: PersonIdentity[] | null;
  conflicts: (string | { sentence: string })[] | null;
  orders: number;
  events: number;
  consents: PersonConsent[] | null;
  refused?: string;
}

export type Duplicate = S["ProfileDuplicate"];
export type Duplicates = Nullable<S["DuplicatesOutputBody"], "job">;

export interface Erasure {
  id: string;
  customer: string;
  at: string;
  who: string;
  why: string;
  state?: "running" | "done";
  stores: { store: string; table: string; rows: number }[] | null;
  log_trimmed_to?: number | string;
  backups?: string[] | null;
}

export interface RetentionRule {
  event: string;
  days: number;
}

export interface IdentityRules {
  kinds: { kind: string; priority: number; limit: number }[] | null;
  blocked: string[] | null;
  region?: string;
}

export interface OwnTrait {
  name: string;
  /** Of this workspace; the others are built in. */
  own?: boolean;
  label?: string;
  labels?: Record<string, string> | null;
  unit?: string;
  trait?: unknown;
  sentence?: string;
  sentences?: Record<string, string> | null;
}
