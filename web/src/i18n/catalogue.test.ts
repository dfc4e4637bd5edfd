import { describe, expect, test } from "vitest";

import en from "./en.json";
import ko from "./ko.json";
import th from "./th.json";

function flatten(node: unknown, path = ""): Map<string, string> {
  const found = new Map<string, string>();
  if (typeof node === "string") return found.set(path, node);
  for (const [key, value] of Object.entries(node as object)) {
    for (const [inner, text] of flatten(value, path ? `${path}.${key}` : key)) found.set(inner, text);
  }
  return found;
}

// English has two plural forms, Korean and Thai one: keys are compared without the ending.
const stem = (key: string) => key.replace(/_(one|other)$/, "");
const stems = (catalogue: Map<string, string>) => [...new Set([...catalogue.keys()].map(stem))].toSorted();
const holes = (text: string) => [...new Set([...text.matchAll(/\{\{\s*(\w+)/g)].map((m) => m[1]))].toSorted();

const all = { en: flatten(en), ko: flatten(ko), th: flatten(th) };

describe.each(["ko", "th"] as const)("the catalogue %s", (language) => {
  test("has the keys of the English one", () => {
    expect(stems(all[language])).toEqual(stems(all.en));
  });

  test("fills the same holes as the English one", () => {
    for (const [key, text] of all[language]) {
      const english = all.en.get(key) ?? all.en.get(stem(key) + "_other") ?? "";
      expect([key, holes(text)]).toEqual([key, holes(english)]);
    }
  });

  test("has one plural form, other", () => {
    expect([...all[language].keys()].filter((key) => key.endsWith("_one"))).toEqual([]);
  });

  test("is translated: no sentence is left in English", () => {
    const same = [...all[language]].filter(([key, text]) => text.length > 24 && text === all.en.get(key));
    expect(same).toEqual([]);
  });
});

test("no text is empty and no emphasis is left open", () => {
  for (const [language, catalogue] of Object.entries(all)) {
    for (const [key, text] of catalogue) {
      expect([language, key, text.trim().length > 0]).toEqual([language, key, true]);
      expect([language, key, text.split("<b>").length]).toEqual([language, key, text.split("</b>").length]);
    }
  }
});
