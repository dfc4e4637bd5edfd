import { expect, test } from "vitest";

import { refsIn } from "./byhand";

test("pasted people are parted by lines, commas and semicolons, each once", () => {
  expect(refsIn(" user:42\nemail:kim@example.com, 17850;17850\n\n")).toEqual(["user:42", "email:kim@example.com", "17850"]);
  expect(refsIn("")).toEqual([]);
});
