// Every screen in the languages, by day and by night, wide and narrow: it shows what it is for, without a complaint.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { keep, mustHold, openPage, words } from "./browser.mjs";
import { quiet, settled } from "./live.mjs";

// Each language, scheme and width is there, and axe looks at each; their products differ in nothing that it sees. DANGOL_LOOKS=all draws all twelve.
const some = [
  { language: "en", scheme: "light", width: 1440, axe: true }, { language: "ko", scheme: "dark", width: 1440, axe: true }, { language: "th", scheme: "light", width: 1440, axe: true },
  { language: "en", scheme: "dark", width: 390, axe: true }, { language: "ko", scheme: "light", width: 390 }, { language: "th", scheme: "dark", width: 390 },
];
const all = ["en", "ko", "th"].flatMap((language) => ["light", "dark"].flatMap((scheme) => [1440, 390].map((width) => ({ language, scheme, width, axe: true }))));
const looks = process.env.DANGOL_LOOKS === "all" ? all : some;

/**
 * Tests of each screen in each look. `at` gives the browser and the server's address once they are there. A screen has a name, a path, the proof that
 * its answer came and was drawn, its title where that is known, and words that look like a slip and are none.
 */
export function everyLook(at, screens) {
  for (const look of looks) {
    describe(`${look.language}, ${look.scheme}, ${look.width} px`, () => {
      let tab;
      before(async () => {
        tab = await openPage(at().browser, look);
      });
      after(() => tab?.close());
      for (const screen of screens) {
        test(screen.name, async () => {
          const { page, complaints } = tab;
          complaints.length = 0;
          await page.goto(at().url + (typeof screen.path === "function" ? screen.path() : screen.path));
          await page.waitForSelector(screen.proof, { state: "attached" });
          await settled(page);
          const name = `${screen.name}-${look.language}-${look.scheme}-${look.width}`;
          if (screen.title) assert.equal(await page.textContent("h1"), screen.title(words[look.language]));
          await keep(page, name);
          await mustHold(page, name, { axe: Boolean(look.axe), values: screen.values ?? [] });
          assert.deepEqual(quiet(complaints), [], `${name}: the console complains`);
        });
      }
    });
  }
}
