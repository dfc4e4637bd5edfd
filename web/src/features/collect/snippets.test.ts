import { describe, expect, test } from "vitest";

import { clients, isClient, isHook, snippetsOf } from "./snippets";

describe.each(clients.filter((client) => !isHook(client)))("the text for %s", (client) => {
  test("names the real host and the real key", () => {
    const text = snippetsOf(client, "https://events.shop.example", "wk_123", "THB").map((s) => s.text).join("\n");
    expect(text).toContain("events.shop.example");
    expect(text).toContain("wk_123");
  });
});

test("analytics.js gets its host without the scheme, as it wants it", () => {
  const text = snippetsOf("analyticsjs", "http://127.0.0.1:8080", "k", "THB").find((s) => s.text.includes("apiHost"))?.text ?? "";
  expect(text).toContain('apiHost: "127.0.0.1:8080/v1", protocol: "http"');
});

test.each(["snippet", "analyticsjs", "node", "python"] as const)("what is pasted for %s names nobody: calls stand apart, as examples in the shop's currency", (client) => {
  const parts = snippetsOf(client, "https://events.shop.example", "wk_123", "THB");
  expect(parts.filter((s) => !s.example).map((s) => s.text).join("\n")).not.toMatch(/identify|track\(|"track"|42|KRW|THB/);
  const calls = parts.filter((s) => s.example).map((s) => s.text).join("\n");
  expect(calls).toContain("identify");
  expect(calls).toContain('"THB"');
});

test("a workspace without a currency gets a sample with one", () => {
  expect(snippetsOf("http", "https://h.example", "k", "XXX")[0]?.text).toContain('"USD"');
  expect(snippetsOf("http", "https://h.example", "k", "KRW")[0]?.text).toContain('"price": 23000');
});

test("only what is known is a client", () => {
  expect(isClient("node")).toBe(true);
  expect(isClient("cobol")).toBe(false);
  expect(isClient(undefined)).toBe(false);
});
