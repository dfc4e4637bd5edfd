import { expect, test } from "vitest";

import en from "../../i18n/en.json";
import ko from "../../i18n/ko.json";
import th from "../../i18n/th.json";
import { holesOf, isOutcome } from "./notes";

// The codes that the server sends: internal/collect/orders, internal/collect.
const codes = ["customer_by", "no_order", "currency_beside", "currency_in_header", "currency_of_country", "no_currency", "total_unused", "utc", "utc_here", "first_row", "cancelled", "returned", "withdrawn", "told_less"];

test("each note has a sentence in each language", () => {
  for (const [language, catalogue] of Object.entries({ en, ko, th })) {
    const known = new Set(Object.keys(catalogue.import.note).map((key) => key.replace(/_(one|other)$/, "")));
    expect([language, codes.filter((code) => !known.has(code))]).toEqual([language, []]);
  }
});

test("a count is written and decides the form", () => {
  expect(holesOf({ count: "1200" }, (n) => n.toLocaleString("en"))).toEqual({ count: 1200, n: "1,200" });
  expect(holesOf({ column: "e-mail" }, String)).toEqual({ column: "e-mail" });
});

test("what an import did is told from what was assumed", () => {
  expect(isOutcome({ code: "withdrawn", values: { count: "1" }, sentence: "" })).toBe(true);
  expect(isOutcome({ code: "utc", values: {}, sentence: "" })).toBe(false);
});
