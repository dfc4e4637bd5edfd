import { useCallback, useMemo, useReducer, useRef } from "react";

import { begun, type Atom, type Kind } from "./language";
import { add, changeAtom, duplicate, idMaker, joinBy, move, remove, step, treeOf, turn, unwrap, wrap, type Group } from "./tree";

interface History {
  past: Group[];
  now: Group;
  future: Group[];
  /** What the last change was about: typing in one field is one step back, not ten. */
  about: string;
}

type Action = { do: "change"; next: Group; about: string } | { do: "undo" } | { do: "redo" } | { do: "load"; next: Group };

const remembered = 100;

function reduce(state: History, action: Action): History {
  switch (action.do) {
    case "load": return { past: [], now: action.next, future: [], about: "" };
    case "change": {
      if (action.next === state.now) return state;
      const goesOn = action.about !== "" && action.about === state.about;
      return { past: goesOn ? state.past : [...state.past, state.now].slice(-remembered), now: action.next, future: [], about: action.about };
    }
    case "undo": {
      const before = state.past.at(-1);
      return before ? { past: state.past.slice(0, -1), now: before, future: [state.now, ...state.future], about: "" } : state;
    }
    default: {
      const after = state.future[0];
      return after ? { past: [...state.past, state.now], now: after, future: state.future.slice(1), about: "" } : state;
    }
  }
}

export interface Builder {
  root: Group;
  canUndo: boolean;
  canRedo: boolean;
  undo: () => void;
  redo: () => void;
  /** Begins with another rule, without a way back. */
  load: (rule: unknown) => void;
  /** Takes a rule that was typed as JSON, with a way back. */
  replace: (rule: unknown) => void;
  atom: (id: string, atom: Atom) => void;
  turn: (id: string) => void;
  join: (id: string, join: "and" | "or") => void;
  addRow: (groupId: string, kind: Kind) => void;
  addGroup: (groupId: string) => void;
  remove: (id: string) => void;
  duplicate: (id: string) => void;
  wrap: (id: string) => void;
  unwrap: (id: string) => void;
  step: (id: string, way: -1 | 1) => void;
  move: (id: string, groupId: string, at: number) => void;
}

/** The rule under the reader's hands, with undo and redo. */
export function useBuilder(rule: unknown): Builder {
  const ids = useRef(idMaker());
  const [state, dispatch] = useReducer(reduce, rule, (first): History => ({ past: [], now: treeOf(first, idMaker("r")), future: [], about: "" }));
  const root = state.now;
  const change = useCallback((next: Group, about = "") => dispatch({ do: "change", next, about }), []);
  const commands = useMemo(() => ({
    undo: () => dispatch({ do: "undo" }),
    redo: () => dispatch({ do: "redo" }),
    load: (next: unknown) => dispatch({ do: "load", next: treeOf(next, ids.current) }),
    replace: (next: unknown) => change(treeOf(next, ids.current), "json"),
    atom: (id: string, atom: Atom) => change(changeAtom(root, id, atom), `atom:${id}`),
    turn: (id: string) => change(turn(root, id)),
    join: (id: string, join: "and" | "or") => change(joinBy(root, id, join)),
    addRow: (groupId: string, kind: Kind) => change(add(root, groupId, { kind: "row", id: ids.current(), not: false, atom: begun(kind) })),
    addGroup: (groupId: string) => change(add(root, groupId, { kind: "group", id: ids.current(), not: false, join: "or", children: [{ kind: "row", id: ids.current(), not: false, atom: begun("did") }] })),
    remove: (id: string) => change(remove(root, id)),
    duplicate: (id: string) => change(duplicate(root, id, ids.current)),
    wrap: (id: string) => change(wrap(root, id, ids.current)),
    unwrap: (id: string) => change(unwrap(root, id)),
    step: (id: string, way: -1 | 1) => change(step(root, id, way), ""),
    move: (id: string, groupId: string, at: number) => change(move(root, id, groupId, at)),
  }), [root, change]);
  const canUndo = state.past.length > 0;
  const canRedo = state.future.length > 0;
  return useMemo(() => ({ root, canUndo, canRedo, ...commands }), [root, canUndo, canRedo, commands]);
}
