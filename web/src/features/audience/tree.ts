// The rule as a tree that can be edited: every step takes a tree and gives another, so that each can be undone.
import { finished, type Atom, type Json } from "./language";

export interface Row {
  kind: "row";
  id: string;
  not: boolean;
  atom: Atom;
}

export interface Group {
  kind: "group";
  id: string;
  not: boolean;
  join: "and" | "or";
  children: Branch[];
}

export type Branch = Row | Group;

/** Where in the written rule each branch stands, as the server names places: "and[1].or[0]". */
export type Places = Map<string, string>;

export interface Written {
  rule: Json | null;
  places: Places;
  /** The conditions that were left out because they are not finished. */
  unfinished: string[];
}

/** Makes ids that no other branch of this page has. */
export function idMaker(prefix = "n"): () => string {
  let last = 0;
  return () => `${prefix}${++last}`;
}

function isGroupRule(rule: Json): rule is { and: Json[] } | { or: Json[] } {
  return Array.isArray(rule["and"]) || Array.isArray(rule["or"]);
}

function branchOf(rule: Json, newId: () => string, not = false): Branch {
  const inner = rule["not"];
  if (typeof inner === "object" && inner !== null) {
    // Not of not is a group that holds the inner one: nothing is lost, and nothing is guessed away.
    if (not) return { kind: "group", id: newId(), not: true, join: "and", children: [branchOf(rule, newId)] };
    return branchOf(inner as Json, newId, true);
  }
  if (isGroupRule(rule)) {
    const join = "and" in rule ? "and" : "or";
    const children = (rule as Record<string, Json[]>)[join] ?? [];
    return { kind: "group", id: newId(), not, join, children: children.map((child) => branchOf(child, newId)) };
  }
  return { kind: "row", id: newId(), not, atom: rule as Atom };
}

/** Reads a rule. The root is always a group, so that there is a place to add to. */
export function treeOf(rule: unknown, newId: () => string): Group {
  if (typeof rule !== "object" || rule === null || Object.keys(rule).length === 0) return { kind: "group", id: newId(), not: false, join: "and", children: [] };
  const branch = branchOf(rule as Json, newId);
  return branch.kind === "group" ? branch : { kind: "group", id: newId(), not: false, join: "and", children: [branch] };
}

function complete(branch: Branch): boolean {
  return branch.kind === "row" ? finished(branch.atom) : branch.children.some(complete);
}

const under = (path: string, step: string) => (path ? `${path}.${step}` : step);

function write(branch: Branch, path: string, places: Places): Json {
  const inner = branch.not ? under(path, "not") : path;
  places.set(branch.id, inner);
  let rule: Json;
  if (branch.kind === "row") rule = branch.atom as Json;
  else rule = { [branch.join]: branch.children.filter(complete).map((child, at) => write(child, under(inner, `${branch.join}[${at}]`), places)) };
  return branch.not ? { not: rule } : rule;
}

/** Writes the rule, without what is unfinished. A root of one condition is that condition. */
export function written(root: Group): Written {
  const places: Places = new Map();
  const unfinished = rowsOf(root).filter((row) => !finished(row.atom)).map((row) => row.id);
  const whole = root.children.filter(complete);
  const only = whole[0];
  if (!only) return { rule: null, places, unfinished };
  if (whole.length === 1 && !root.not) {
    places.set(root.id, "");
    return { rule: write(only, "", places), places, unfinished };
  }
  return { rule: write(root, "", places), places, unfinished };
}

export function rowsOf(branch: Branch): Row[] {
  return branch.kind === "row" ? [branch] : branch.children.flatMap(rowsOf);
}

export function find(root: Group, id: string): { branch: Branch; parent: Group | null; at: number } | null {
  if (root.id === id) return { branch: root, parent: null, at: 0 };
  for (const [at, child] of root.children.entries()) {
    if (child.id === id) return { branch: child, parent: root, at };
    if (child.kind !== "group") continue;
    const found = find(child, id);
    if (found) return found.parent ? found : { ...found, parent: root, at };
  }
  return null;
}

function mapped(group: Group, id: string, change: (branch: Branch) => Branch | Branch[]): Group {
  if (group.id === id) {
    const next = change(group);
    return !Array.isArray(next) && next.kind === "group" ? next : group;
  }
  let touched = false;
  const children = group.children.flatMap((child) => {
    if (child.id === id) {
      touched = true;
      return change(child);
    }
    if (child.kind === "group") {
      const next = mapped(child, id, change);
      if (next !== child) touched = true;
      return next;
    }
    return child;
  });
  return touched ? { ...group, children } : group;
}

export function changeAtom(root: Group, id: string, atom: Atom): Group {
  return mapped(root, id, (branch) => (branch.kind === "row" ? { ...branch, atom } : branch));
}

export function turn(root: Group, id: string): Group {
  return mapped(root, id, (branch) => ({ ...branch, not: !branch.not }));
}

export function joinBy(root: Group, id: string, join: "and" | "or"): Group {
  return mapped(root, id, (branch) => (branch.kind === "group" ? { ...branch, join } : branch));
}

export function add(root: Group, groupId: string, branch: Branch, at?: number): Group {
  return mapped(root, groupId, (group) => {
    if (group.kind !== "group") return group;
    const place = at ?? group.children.length;
    return { ...group, children: [...group.children.slice(0, place), branch, ...group.children.slice(place)] };
  });
}

/** Takes a branch out; a group that it leaves empty goes too. */
export function remove(root: Group, id: string): Group {
  const found = find(root, id);
  if (!found?.parent) return root;
  const without = mapped(root, id, () => []);
  const parent = find(without, found.parent.id)?.branch;
  return parent?.kind === "group" && parent.children.length === 0 && parent.id !== root.id ? remove(without, parent.id) : without;
}

function renamed(branch: Branch, newId: () => string): Branch {
  return branch.kind === "row" ? { ...branch, id: newId(), atom: structuredClone(branch.atom) } : { ...branch, id: newId(), children: branch.children.map((child) => renamed(child, newId)) };
}

export function duplicate(root: Group, id: string, newId: () => string): Group {
  return mapped(root, id, (branch) => (branch.id === root.id ? branch : [branch, renamed(branch, newId)]));
}

/** Puts a condition into a group of its own, so that others may join it there. */
export function wrap(root: Group, id: string, newId: () => string): Group {
  const found = find(root, id);
  if (!found?.parent) return root;
  const join = found.parent.join === "and" ? "or" : "and";
  return mapped(root, id, (branch) => ({ kind: "group", id: newId(), not: false, join, children: [branch] }));
}

/** Lets the children of a group stand where the group stood. A denied group stays: its children mean something else outside. */
export function unwrap(root: Group, id: string): Group {
  const found = find(root, id);
  if (!found?.parent || found.branch.kind !== "group" || found.branch.not) return root;
  const { children } = found.branch;
  return mapped(root, id, () => children);
}

function holds(branch: Branch, id: string): boolean {
  return branch.id === id || (branch.kind === "group" && branch.children.some((child) => holds(child, id)));
}

/** Moves a branch into a group, before the child that now stands at `at`. Nothing moves into itself. */
export function move(root: Group, id: string, groupId: string, at: number): Group {
  const found = find(root, id);
  const goal = find(root, groupId)?.branch;
  if (!found?.parent || goal?.kind !== "group" || holds(found.branch, groupId)) return root;
  const place = found.parent.id === groupId && found.at < at ? at - 1 : at;
  if (found.parent.id === groupId && found.at === place) return root;
  // Taken out without clearing its group away: the group may be where it goes.
  const without = mapped(root, id, () => []);
  const there = add(without, groupId, found.branch, place);
  const left = find(there, found.parent.id)?.branch;
  return left?.kind === "group" && left.children.length === 0 && left.id !== root.id ? remove(there, left.id) : there;
}

/** One step up or down as it is read: past a neighbour, into a neighbouring group, or out of its own. */
export function step(root: Group, id: string, way: -1 | 1): Group {
  const found = find(root, id);
  if (!found?.parent) return root;
  const { parent, at } = found;
  const neighbour = parent.children[at + way];
  if (neighbour?.kind === "group") return move(root, id, neighbour.id, way === 1 ? 0 : neighbour.children.length);
  if (neighbour) return move(root, id, parent.id, way === 1 ? at + 2 : at - 1);
  const outer = find(root, parent.id);
  if (!outer?.parent) return root;
  return move(root, id, outer.parent.id, way === 1 ? outer.at + 1 : outer.at);
}
