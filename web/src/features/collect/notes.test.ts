import { expect, test } from "vitest";

import { noteOf } from "./notes";

test("the server's notes are known by their form", () => {
  expect(noteOf("Times are taken as UTC; --tz says otherwise.")).toEqual({ key: "utc", values: {} });
  expect(noteOf('The file has no customer number, so customers are told apart by the column "e-mail".')).toEqual({ key: "noCustomer", values: { column: "e-mail" } });
  expect(noteOf('The amount of a line is unit price × quantity; the column "Total" is of the whole order, or of something else, and is not used.')).toEqual({ key: "totalUnused", values: { column: "Total" } });
  expect(noteOf('The currency is THB, by the header "ราคา (บาท)".')).toEqual({ key: "currencyHeader", values: { currency: "THB", column: "ราคา (บาท)" } });
  expect(noteOf("Times are taken as UTC; --tz says otherwise, such as --tz Asia/Seoul.")).toEqual({ key: "utcHere", values: { zone: "Asia/Seoul" } });
  expect(noteOf("409 lines are of cancelled orders: neither sales nor refunds. A sale among them that an earlier import took in is given back.")).toEqual({ key: "cancelled", values: { n: "409" } });
  expect(noteOf("269 lines were bought and given back: each counts as a purchase and, beside it, as a refund, so that there are 269 more lines than in the file.")).toEqual({ key: "givenBack", values: { n: "269" } });
  expect(noteOf("1 order that an earlier import took in is cancelled in this file: what it sold is given back by 1 refund line, which the file does not have.")).toEqual({ key: "withdrawn", values: { n: "1", refunds: "1" } });
  expect(noteOf("9 orders that an earlier import took in are cancelled in this file: what they sold is given back by 17 refund lines, which the file does not have. For 9 of them it does not say when, so …")).toEqual({ key: "withdrawn", values: { n: "9", refunds: "17" } });
  expect(noteOf("Something new.")).toBeUndefined();
});
