// Package webhook takes in what shops and other programs send by themselves: Shopify, WooCommerce, Cafe24, and any
// signed JSON with a mapping.
//
// Nouns: hook (an address with a secret and, for the generic kind, a mapping), delivery (one request to it), translation (a delivery
// as calls of the Segment specification), buyer (whose order an order was: a refund often does not say), problem (what of a delivery
// could not be read: where, why, and what to do).
//
// Invariants: nothing unsigned is read; a delivery is answered with 200 only when what it tells is durable; the ids of its
// messages are made from what it tells of (shop, object, version), so that however often it is delivered, it is stored
// once; what cannot be translated is set aside with its body and answered with 200 too, for shops switch off
// addresses that fail.
//
// Amounts: revenue is what the goods brought, after discounts, without shipping and, where the shop says how much it is, without tax.
//
// Tables owned: collect_webhook; collect_webhook_buyer, which holds identities of persons and is emptied of theirs by Erase.
package webhook
