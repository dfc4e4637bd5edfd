// Package rule is the language in which people say who belongs to a segment: conditions on attributes, on what
// somebody did and did not do, on traits, scores, consent and other segments, joined by and, or, not. A rule is
// JSON (see Schema); it also prints as one plain sentence in English, Korean and Thai.
//
// The walk of a rule: Parse reads it strictly, Check holds it against the names that exist, Bind turns it into what
// can be computed, and then either Render gives the SQL that answers many rules for many people in one scan of each
// source, or package rule/ref answers for one person from her facts. Both must agree, on every test.
//
// Invariants:
//   - A comparison with an unset value is false, whatever the operator; only "is not set" is true of it. Not turns
//     the answer: {"not": plan = gold} holds for those without a plan. {"plan" != gold} does not.
//   - A fact after the asked instant does not exist. A rolling window W holds the facts in (asOf-W, asOf]; a calendar
//     window and one from..to hold [from, to), cut in the workspace's zone; "since" holds what came after its event,
//     and without that event everything that is counted in it is unset.
//   - Counts, distinct counts and sums over no facts are 0; every other trait over no facts is unset.
//   - Numbers are added up exactly, to six decimals, so that no engine's order of adding shows.
//
// The package is pure: no I/O, no clock. Amounts are decimals in the base currency's major unit.
package rule
