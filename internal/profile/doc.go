// Package profile keeps who the customers are: by which names they are known, who is whom, what they consented to, and shows
// one whole, hands one out, and forgets one.
//
// Nouns: customer or person (one human being, with the dense integer key that audiences are bitmaps of), identity (one name
// by which she is known: a kind and a value), origin (the key under which an identity first came; a person is a set of
// origins), link (why two origins are one person), journal (what the warehouse must follow), act (one giving or withdrawing
// of consent), suppression (an address that is never written to), erasure (forgetting a person, with a receipt).
//
// Invariants: an origin is never given twice and never changes; a fact looked up again has the origin it had the first time;
// the effects of a batch commit together with its offset; a customer that came with an import stays exactly if that import
// committed in the warehouse (docs/adr/0002) or an event met her before; two people with a user id each are merged only by an
// alias or by hand; a withdrawal of consent outlives every merge and its undoing; of an erased person nothing is kept but
// salted hashes of her identities. Whose a fact is, in exact words: see package graph.
//
// Consent of a merged person. An act bears on the origin for which it was made; a withdrawal bears on every origin that the
// person then had. A person's consent is withdrawn if the last act on any of her origins is a withdrawal, unless she
// gave it again later, as the person who had it withdrawn; else given if any origin's last act gives it; else unknown.
//
// Events eaten: identify (name, e-mail, phone, birthday), alias, and all others for their identities; Consent Given, Consent
// Withdrawn, Unsubscribed. Events told: Consent Changed, Customers Merged, Customers Unmerged.
//
// Tables owned: profile_*. On erasure, deleted by person: customer, identity, shared, link, contact, consent, import_note,
// duplicate; rewritten: block; suppression keeps a hash of the address, audit its line without names. Reads orders, events and
// customer_state in the warehouse.
package profile
