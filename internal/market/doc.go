// Package market is where a customer lives: money and how people write it, rates into the
// workspace's currency, countries with their currency, zone and languages, the languages Dangol
// itself speaks, and the festivals that move a market's sales.
//
// Nouns: Money (an exact amount), Rates (units of a currency for one unit of the base), Country,
// Language, Festival, and Settings (what the whole workspace shares). Invariants: an amount is an
// integer count of minor units; amounts of two currencies are never added; a conversion is exact until
// its one rounding, half away from zero; a currency without a rate is a fault, never a guess.
// All but Workspace, which keeps the settings, is pure.
//
// Tables owned: market_setting.
package market
