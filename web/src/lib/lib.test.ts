import { describe, expect, test } from "vitest";

import { csvOf } from "./csv";
import { addDays, daysBetween } from "./days";
import { asSearch, narrowed } from "./filters";
import { changeOf, Format } from "./format";
import { groupColor, groupRank, segmentName } from "./groups";
import { heatOf, linearHeat } from "./scale";
import { countOf, dayOf, onlyKeys, readSearch, writeSearch } from "./search";

const won = (amount: string) => ({ amount, currency: "KRW" });

describe("format", () => {
  const en = new Format("en");
  const ko = new Format("ko");
  const th = new Format("th");

  test("money is whole or short, in the language's own units", () => {
    expect(en.money({ amount: "8911.40", currency: "GBP" })).toBe("£8,911.40");
    expect(ko.moneyShort(won("123456789"))).toBe("₩1.23억");
    expect(th.moneyShort({ amount: "1234567", currency: "THB" })).toMatch(/1\.23\s*ล้าน/);
    expect(en.moneyWhole({ amount: "1234.56", currency: "EUR" })).toBe("€1,235");
    expect(en.moneyWhole({ amount: "12.50", currency: "EUR" })).toBe("€12.50");
  });

  test("a workspace without a currency still shows its amounts", () => {
    expect(en.money({ amount: "1500.5", currency: "XXX" })).toBe("1,500.5");
  });

  test("days do not slide with the reader's zone, and Thai days are in the common era", () => {
    expect(en.day("2026-06-30")).toBe("30 Jun 2026");
    expect(ko.day("2026-06-30")).toBe("2026년 6월 30일");
    expect(th.day("2026-06-30")).toBe("30 มิ.ย. 2569");
    expect(th.month("2026-06-30")).toBe("มิ.ย. 2569");
    expect(en.day("2026-06-30T23:59:00+09:00")).toBe("30 Jun 2026");
  });

  test("what is no day is shown as it stands", () => {
    expect(th.day("1/2/2568")).toBe("1/2/2568");
    expect(en.day("05/03/2024 10:00")).toBe("05/03/2024 10:00");
    expect(en.day("")).toBe("–");
  });

  test("what is not known is a dash, and a small share is never a false zero", () => {
    expect(en.int(null)).toBe("–");
    expect(en.money(null)).toBe("–");
    expect(en.percent(Number.NaN)).toBe("–");
    expect(en.share(0.001)).toBe("<1%");
    expect(en.share(0.999)).toBe(">99%");
    expect(en.share(0)).toBe("0%");
  });

  test("changes carry their sign", () => {
    expect(en.change(0.064)).toBe("+6.4%");
    expect(en.change(-0.31)).toBe("−31%");
    expect(changeOf(110, 100)).toBeCloseTo(0.1);
    expect(changeOf(1, 0)).toBeNull();
    expect(changeOf(1, null)).toBeNull();
  });

  test("markets are named where they are countries", () => {
    expect(ko.market("TH")).toBe("태국");
    expect(en.market("wholesale")).toBe("wholesale");
    expect(en.market("")).toBe("–");
  });
});

test("CSV quotes what must be quoted and defuses formulas", () => {
  expect(csvOf(["a", "b"], [["x,y", 1], ['say "hi"', null], ["=1+1", Number.NaN]])).toBe('a,b\r\n"x,y",1\r\n"say ""hi""",\r\n\'=1+1,\r\n');
});

describe("the address", () => {
  test("keeps text as text and leaves out what is empty", () => {
    expect(readSearch("?q=17850&page=2")).toEqual({ q: "17850", page: "2" });
    expect(writeSearch({ q: "17850", page: undefined, market: "", as_of: "2026-06-30" })).toBe("?q=17850&as_of=2026-06-30");
    expect(writeSearch({})).toBe("");
    expect(onlyKeys({ a: "1", b: 2, c: "" }, ["a", "b", "c"])).toEqual({ a: "1" });
  });

  test("believes only real days and whole numbers", () => {
    expect(dayOf("2024-02-29")).toBe("2024-02-29");
    expect(dayOf("2023-02-29")).toBeUndefined();
    expect(dayOf("yesterday")).toBeUndefined();
    expect(countOf("3", 1)).toBe(3);
    expect(countOf("-3", 1)).toBe(1);
    expect(countOf("x", 90)).toBe(90);
  });
});

test("days add and subtract over months and leap years", () => {
  expect(addDays("2024-03-01", -1)).toBe("2024-02-29");
  expect(daysBetween("2024-02-28", "2024-03-01")).toBe(2);
});

test("a finding's filter keeps what the list understands", () => {
  expect(asSearch({ segment: "vip", nonsense: 1, min_p_alive: 0.3 })).toEqual({ segment: "vip", min_p_alive: "0.3" });
  expect(narrowed({ group: "lost", sort: "spend", page: "2" })).toEqual([["group", "lost"]]);
});

test("groups have an order, a colour and a name even when unknown", () => {
  expect(groupRank("champions")).toBeLessThan(groupRank("lost"));
  expect(groupRank("martian")).toBeGreaterThan(groupRank("lost"));
  expect(groupColor("cannot_lose")).toBe("var(--group-cannot-lose)");
  const words = (key: string) => (key === "lifecycle.at_risk" ? "At risk" : undefined);
  expect(segmentName(words, "stage-at_risk", "x")).toBe("At risk");
  expect(segmentName(words, "vip", "Best")).toBe("Best");
});

test("heat runs from nothing to one", () => {
  expect(heatOf(0, 10)).toBe(0);
  expect(heatOf(10, 10)).toBe(1);
  expect(heatOf(1, 0)).toBe(0);
  expect(linearHeat(5, 10)).toBe(0.5);
});
