import { expect, test } from "vitest";

import { noteOf } from "./notes";

test("the server's notes are known by their form", () => {
  expect(noteOf("Times are taken as UTC; --tz says otherwise.")).toEqual({ key: "utc", values: {} });
  expect(noteOf('The file has no customer number, so customers are told apart by the column "e-mail".')).toEqual({ key: "noCustomer", values: { column: "e-mail" } });
  expect(noteOf('The amount of a line is unit price × quantity; the column "Total" is of the whole order, or of something else, and is not used.')).toEqual({ key: "totalUnused", values: { column: "Total" } });
  expect(noteOf('The currency is THB, by the header "ราคา (บาท)".')).toEqual({ key: "currencyHeader", values: { currency: "THB", column: "ราคา (บาท)" } });
  expect(noteOf("Something new.")).toBeUndefined();
});
