import { describe, expect, test } from "vitest";

import { Fault } from "../../api/client";
import { branchAt, complaints, placeOf } from "./faults";
import type { Json } from "./language";
import { add, changeAtom, duplicate, find, idMaker, joinBy, move, remove, rowsOf, step, treeOf, turn, unwrap, wrap, written, type Group } from "./tree";

const a: Json = { attribute: "plan", op: "=", value: "gold" };
const b: Json = { did: "Product Viewed", times: { ">=": 3 } };
const c: Json = { segment: "vip" };
const d: Json = { market: ["KR"] };

const read = (rule: unknown): Group => treeOf(rule, idMaker());
const idOf = (root: Group, atom: Json) => rowsOf(root).find((row) => JSON.stringify(row.atom) === JSON.stringify(atom))?.id ?? "";
const ruleOf = (root: Group) => written(root).rule;

describe("reading and writing", () => {
  test.each<[string, Json]>([
    ["one condition", a],
    ["a denied condition", { not: a }],
    ["a group", { and: [a, b] }],
    ["nested groups", { or: [{ and: [a, { not: b }] }, { not: { or: [c, d] } }] }],
    ["a denied root", { not: { and: [a, b] } }],
    ["a figure with filters", { and: [{ trait: { take: "sum", of: "Order Completed", property: "revenue", where: [{ property: "channel", op: "=", value: "app" }], window: { last: "30d" } }, op: ">=", value: 100 }, c] }],
  ])("%s comes back as it was", (_, rule) => {
    expect(ruleOf(read(rule))).toEqual(rule);
  });

  test("nothing is an empty group and is written as nothing", () => {
    expect(read(null).children).toEqual([]);
    expect(written(read({})).rule).toBeNull();
  });

  test("what is unfinished is left out and said to be", () => {
    const root = read({ and: [a, { did: "" }, { or: [{ segment: "" }] }] });
    const out = written(root);
    expect(out.rule).toEqual(a);
    expect(out.unfinished).toHaveLength(2);
  });

  test("not of not keeps its meaning", () => {
    expect(ruleOf(read({ and: [{ not: { not: a } }, b] }))).toEqual({ and: [{ not: { and: [{ not: a }] } }, b] });
  });
});

describe("editing", () => {
  const nested = () => read({ and: [a, { or: [b, c] }, d] });

  test("a condition is changed, denied, doubled and removed", () => {
    const root = nested();
    expect(ruleOf(changeAtom(root, idOf(root, c), d))).toEqual({ and: [a, { or: [b, d] }, d] });
    expect(ruleOf(turn(root, idOf(root, b)))).toEqual({ and: [a, { or: [{ not: b }, c] }, d] });
    const twice = duplicate(root, idOf(root, a), idMaker("x"));
    expect(ruleOf(twice)).toEqual({ and: [a, a, { or: [b, c] }, d] });
    expect(new Set(rowsOf(twice).map((row) => row.id)).size).toBe(5);
    expect(ruleOf(remove(root, idOf(root, d)))).toEqual({ and: [a, { or: [b, c] }] });
  });

  test("a group that is left empty goes", () => {
    let root = nested();
    root = remove(root, idOf(root, b));
    root = remove(root, idOf(root, c));
    expect(root.children).toHaveLength(2);
  });

  test("groups are joined, made and dissolved", () => {
    const root = nested();
    expect(ruleOf(joinBy(root, root.id, "or"))).toEqual({ or: [a, { or: [b, c] }, d] });
    const wrapped = wrap(root, idOf(root, a), idMaker("x"));
    expect(ruleOf(wrapped)).toEqual({ and: [{ or: [a] }, { or: [b, c] }, d] });
    expect(ruleOf(unwrap(root, root.children[1]?.id ?? ""))).toEqual({ and: [a, b, c, d] });
    const denied = turn(root, root.children[1]?.id ?? "");
    expect(unwrap(denied, denied.children[1]?.id ?? "")).toBe(denied);
  });

  test("the keyboard moves past neighbours, into groups and out of them", () => {
    let root = nested();
    const id = idOf(root, a);
    const seen: unknown[] = [];
    for (let n = 0; n < 5; n++) {
      root = step(root, id, 1);
      seen.push(ruleOf(root));
    }
    expect(seen).toEqual([
      { and: [{ or: [a, b, c] }, d] },
      { and: [{ or: [b, a, c] }, d] },
      { and: [{ or: [b, c, a] }, d] },
      { and: [{ or: [b, c] }, a, d] },
      { and: [{ or: [b, c] }, d, a] },
    ]);
    for (let n = 0; n < 5; n++) root = step(root, id, -1);
    expect(ruleOf(root)).toEqual({ and: [a, { or: [b, c] }, d] });
    expect(step(root, id, -1)).toBe(root);
  });

  test("dragging puts a branch before another, and never into itself", () => {
    const root = nested();
    const group = root.children[1]?.id ?? "";
    expect(ruleOf(move(root, idOf(root, d), group, 1))).toEqual({ and: [a, { or: [b, d, c] }] });
    expect(ruleOf(move(root, idOf(root, a), root.id, 3))).toEqual({ and: [{ or: [b, c] }, d, a] });
    expect(move(root, group, group, 0)).toBe(root);
    expect(move(root, idOf(root, a), root.id, 0)).toBe(root);
    expect(move(root, idOf(root, a), root.id, 1)).toBe(root);
  });

  test("moving the last out of a group takes the group away", () => {
    const root = read({ and: [a, { or: [b] }] });
    expect(ruleOf(move(root, idOf(root, b), root.id, 0))).toEqual({ and: [b, a] });
  });

  test("a branch is found with its parent", () => {
    const root = nested();
    const found = find(root, idOf(root, c));
    expect([found?.at, found?.parent?.join]).toEqual([1, "or"]);
    expect(find(root, "nobody")).toBeNull();
    expect(rowsOf(add(root, root.id, { kind: "row", id: "z", not: false, atom: a }, 0))[0]?.id).toBe("z");
  });
});

describe("faults", () => {
  test("one place, however it is written", () => {
    for (const path of ["and[1].or[0].value", "rule.and[1].or[0].value", "$.and[1].or[0].value", "/and/1/or/0/value", "body.rule.and[1].or[0].value"]) expect(placeOf(path)).toBe("and[1].or[0].value");
  });

  test("a path leads to the row, past not and past what was left out", () => {
    const root = read({ and: [{ did: "" }, a, { or: [b, { not: c }] }] });
    const { places } = written(root);
    expect(branchAt("and[0].value", places)).toEqual({ id: idOf(root, a), field: "value" });
    expect(branchAt("and[1].or[1].not.segment", places)).toEqual({ id: idOf(root, c), field: "segment" });
    expect(branchAt("and[1]", places)?.id).toBe(root.children[2]?.id);
    expect(branchAt("and[9].value", places)?.id).toBe(root.id);
  });

  test("a rule of one condition has its faults at that condition", () => {
    const root = read(a);
    expect(branchAt("op", written(root).places)).toEqual({ id: idOf(root, a), field: "op" });
  });

  test("a refusal is shared out to its rows", () => {
    const root = read({ and: [a, b] });
    const { places } = written(root);
    const one = new Fault(422, "invalid", "rule.unknown_event", "There is no event Produkt.", "Did you mean Product Viewed?", [], { field: "and[1].did" } as never);
    expect(complaints(one, places).get(idOf(root, b))).toEqual([{ sentence: "There is no event Produkt.", next: "Did you mean Product Viewed?", field: "did" }]);
    const two = new Fault(422, "invalid", "rule.faults", "Two faults.", "", ["and[0].op: No such comparison.", "and[1].times: Not a number."]);
    expect(complaints(two, places).get(idOf(root, a))?.[0]?.field).toBe("op");
    expect(complaints(two, places).get(idOf(root, b))?.[0]?.sentence).toBe("Not a number.");
    expect(complaints(null, places).size).toBe(0);
  });
});
