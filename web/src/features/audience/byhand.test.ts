import { expect, test } from "vitest";

import { refsIn, refsOfCsv } from "./byhand";

test("pasted people are parted by lines, commas and semicolons, each once", () => {
  expect(refsIn(" user:42\nemail:kim@example.com, 17850;17850\n\n")).toEqual(["user:42", "email:kim@example.com", "17850"]);
  expect(refsIn("")).toEqual([]);
});

test("a CSV gives its first column, with or without a head", () => {
  expect(refsOfCsv('\uFEFFcustomer_id,name\r\n42,Kim\r\n"a ""b""",x\r\n42,again\r\n')).toEqual(["42", 'a "b"']);
  expect(refsOfCsv("kim@example.com\nlee@example.com")).toEqual(["kim@example.com", "lee@example.com"]);
});
