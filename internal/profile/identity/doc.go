// Package identity says what an identity is: its kinds with their priorities and limits, how a value of each kind is
// written so that one thing has one spelling, and which values name nobody. It is pure.
//
// Nouns: Kind (user, email, phone …), Rules (what a workspace may change: priority and limit of each kind, blocked
// values, the country of phone numbers that name none), Book (rules made ready for use).
//
// Invariants: a normalised value normalises to itself; two spellings of one e-mail address or phone number give one
// value; a blocked value is never an identity, of whatever kind.
package identity
