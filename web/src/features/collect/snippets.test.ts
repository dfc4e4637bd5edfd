import { describe, expect, test } from "vitest";

import { clients, isClient, isHook, snippetsOf } from "./snippets";

describe.each(clients.filter((client) => !isHook(client)))("the text for %s", (client) => {
  test("names the real host and the real key", () => {
    const text = snippetsOf(client, "https://events.shop.example", "wk_123").map((s) => s.text).join("\n");
    expect(text).toContain("events.shop.example");
    expect(text).toContain("wk_123");
  });
});

test("analytics.js gets its host without the scheme, as it wants it", () => {
  const text = snippetsOf("analyticsjs", "http://127.0.0.1:8080", "k").at(-1)?.text ?? "";
  expect(text).toContain('apiHost: "127.0.0.1:8080/v1", protocol: "http"');
});

test("only what is known is a client", () => {
  expect(isClient("node")).toBe(true);
  expect(isClient("cobol")).toBe(false);
  expect(isClient(undefined)).toBe(false);
});
