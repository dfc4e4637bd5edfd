import { expect, test } from "vitest";

import { listOf } from "./byhand";

test("pasted people are parted by lines, commas and semicolons, each once", () => {
  expect(listOf(' user:42\nemail:kim@example.com, 17850;17850\n"\n')).toEqual({ csv: '"user:42"\n"email:kim@example.com"\n"17850"\n""""', rows: 4 });
  expect(listOf("")).toEqual({ csv: "", rows: 0 });
});

test("a pasted table stays as it is", () => {
  const table = "id\tname\n42\tKim, A.\n";
  expect(listOf(table)).toEqual({ csv: table, rows: 2 });
});
