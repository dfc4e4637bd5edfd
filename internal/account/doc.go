// Package account says who may call: API keys with a scope each.
//
// Nouns. A Key is a name, a scope (read, write, admin) and the hash of a secret; the secret itself is shown once,
// when the key is made, and is stored nowhere.
//
// Invariants. A revoked key never verifies again and is kept, so that what it did stays explained. Verification
// compares hashes only. When a key was last used is kept to the minute.
//
// Events: none yet. Tables owned: account_key.
package account
