// The rule language as the builder writes it. The server checks every rule; here is only what helps to write one.

export type Json = Record<string, unknown>;

export interface Where {
  property: string;
  op: string;
  value?: unknown;
}

export interface Window {
  last?: string;
  calendar?: string;
  from?: string;
  to?: string;
  since?: { event: string; which: "last" | "first"; where?: Where[] };
}

export interface Step {
  did?: string;
  did_not?: string;
  where?: Where[];
  within?: string;
}

/** What is taken of which facts. */
export interface Figure {
  take: string;
  of: string;
  property?: string;
  where?: Where[];
  window?: Window;
  to?: Figure | string;
}

/** One condition, as it stands in the JSON. What the builder does not know it keeps as it is. */
export interface Atom {
  attribute?: string;
  trait?: string | Figure;
  score?: string;
  op?: string;
  value?: unknown;
  did?: string;
  did_not?: string;
  times?: Record<string, number>;
  where?: Where[];
  window?: Window;
  sequence?: Step[];
  segment?: string;
  rfm?: string[];
  lifecycle?: string[];
  market?: string[];
  consent?: { purpose: string; channel: string };
  is?: string;
  share?: { percent: number; salt: string };
}

export const kinds = ["did", "did_not", "sequence", "figure", "trait", "attribute", "market", "consent", "segment", "score", "rfm", "lifecycle", "share"] as const;

export type Kind = (typeof kinds)[number];

export function kindOf(atom: Atom): Kind | "unknown" {
  if (atom.trait !== undefined) return typeof atom.trait === "string" ? "trait" : "figure";
  return kinds.find((kind) => kind in atom) ?? "unknown";
}

/** A new condition of a kind, with what is most often meant filled in. */
export function begun(kind: Kind): Atom {
  switch (kind) {
    case "did": return { did: "", times: { ">=": 1 }, window: { last: "30d" } };
    case "did_not": return { did_not: "", window: { last: "60d" } };
    case "sequence": return { sequence: [{ did: "" }, { did_not: "", within: "3d" }], window: { last: "30d" } };
    case "figure": return { trait: { take: "sum", of: "", property: "", window: { last: "90d" } }, op: ">=", value: 0 };
    case "trait": return { trait: "", op: ">=", value: "" };
    case "attribute": return { attribute: "", op: "=", value: "" };
    case "market": return { market: [] };
    case "consent": return { consent: { purpose: "marketing", channel: "email" }, is: "given" };
    case "segment": return { segment: "" };
    case "score": return { score: "", op: ">=", value: "" };
    case "rfm": return { rfm: [] };
    case "lifecycle": return { lifecycle: [] };
    default: return { share: { percent: 10, salt: "" } };
  }
}

export type ValueKind = "" | "text" | "number" | "flag" | "time";

export const textOps = ["=", "!=", "in", "not in", "contains", "starts with", "is set", "is not set"] as const;
export const numberOps = ["=", "!=", "<", "<=", ">", ">=", "in", "not in", "is set", "is not set"] as const;
export const timeOps = ["before", "after", "in the last", "not in the last", "in the next", "anniversary within", "is set", "is not set"] as const;
export const flagOps = ["=", "is set", "is not set"] as const;

/** The comparisons that make sense; all of them where nothing is known yet. */
export function opsFor(kind: ValueKind): readonly string[] {
  switch (kind) {
    case "text": return textOps;
    case "number": return numberOps;
    case "time": return timeOps;
    case "flag": return flagOps;
    default: return [...new Set([...numberOps, ...textOps, ...timeOps])];
  }
}

/** What must be typed beside a comparison. */
export function valueShape(op: string, kind: ValueKind): "none" | "list" | "duration" | "flag" | "date" | "number" | "text" {
  if (op === "is set" || op === "is not set") return "none";
  if (op === "in" || op === "not in") return "list";
  if (op === "in the last" || op === "not in the last" || op === "in the next" || op === "anniversary within") return "duration";
  if (op === "before" || op === "after") return "date";
  if (kind === "flag") return "flag";
  return kind === "number" || ["<", "<=", ">", ">="].includes(op) ? "number" : "text";
}

/** The same value under another comparison: kept where it still fits, emptied where it does not. */
export function refit(value: unknown, op: string, kind: ValueKind): unknown {
  switch (valueShape(op, kind)) {
    case "none": return undefined;
    case "list": return Array.isArray(value) ? value : value === "" || value === undefined || value === null ? [] : [value];
    case "duration": return typeof value === "string" && /^\d+[mhdw]$/.test(value) ? value : "30d";
    case "flag": return typeof value === "boolean" ? value : true;
    case "date": return typeof value === "string" && /^\d{4}-/.test(value) ? value : "";
    case "number": {
      const one: unknown = Array.isArray(value) ? value[0] : value;
      const n = typeof one === "number" ? one : Number(typeof one === "string" && one !== "" ? one : Number.NaN);
      return Number.isNaN(n) ? "" : n;
    }
    default: {
      const one: unknown = Array.isArray(value) ? value[0] : value;
      return typeof one === "string" || typeof one === "number" ? one : "";
    }
  }
}

/** What was typed, as JSON: a number where numbers are meant, and text elsewhere. */
export function typedValue(text: string, shape: ReturnType<typeof valueShape>): unknown {
  if (shape !== "number") return text;
  const clean = text.trim();
  if (clean === "") return "";
  const n = Number(clean);
  return Number.isNaN(n) ? text : n;
}

const takesProperty = new Set(["sum", "average", "min", "max", "first", "last", "distinct", "most_frequent"]);

export const takes = ["count", "sum", "average", "min", "max", "first", "last", "distinct", "most_frequent", "days_since_first", "days_since_last", "ratio", "trend"] as const;

export function needsProperty(take: string): boolean {
  return takesProperty.has(take);
}

/** Whether a figure may have a property: the ratio and the trend count without one and add up with one. */
export function mayHaveProperty(take: string): boolean {
  return needsProperty(take) || take === "ratio" || take === "trend";
}

function valued(op: string | undefined, value: unknown): boolean {
  if (op === "is set" || op === "is not set") return true;
  return Array.isArray(value) ? value.length > 0 : value !== "" && value !== undefined && value !== null;
}

const wheresDone = (where: Where[] | undefined) => (where ?? []).every((w) => w.property !== "" && valued(w.op, w.value));

function figureDone(figure: Figure | string | undefined): boolean {
  if (typeof figure === "string") return figure !== "";
  if (!figure) return false;
  if (figure.of === "" || (needsProperty(figure.take) && !figure.property) || !wheresDone(figure.where)) return false;
  return figure.take !== "ratio" || figureDone(figure.to);
}

function windowDone(window: Window | undefined): boolean {
  if (!window) return true;
  if (window.since) return window.since.event !== "";
  return !("from" in window || "to" in window) || Boolean(window.from || window.to);
}

/** Whether a condition says enough to be asked. An unfinished one is left out of the count, and said to be. */
export function finished(atom: Atom): boolean {
  if (!windowDone(atom.window)) return false;
  switch (kindOf(atom)) {
    case "did": return atom.did !== "" && wheresDone(atom.where);
    case "did_not": return atom.did_not !== "" && wheresDone(atom.where);
    case "sequence": return (atom.sequence ?? []).every((step) => (step.did ?? step.did_not ?? "") !== "" && wheresDone(step.where));
    case "figure": return figureDone(atom.trait) && windowDone((atom.trait as Figure).window) && valued(atom.op, atom.value);
    case "trait": return figureDone(atom.trait) && valued(atom.op, atom.value);
    case "attribute": return atom.attribute !== "" && valued(atom.op, atom.value);
    case "score": return atom.score !== "" && valued(atom.op, atom.value);
    case "segment": return atom.segment !== "";
    case "market": return (atom.market ?? []).length > 0;
    case "rfm": return (atom.rfm ?? []).length > 0;
    case "lifecycle": return (atom.lifecycle ?? []).length > 0;
    case "share": return Number(atom.share?.percent) > 0;
    default: return true;
  }
}
