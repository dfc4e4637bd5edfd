// Package render writes rules as SQL: one question answers many rules for many people, reading each table once. The
// text is the same for every engine but for the few functions of a Dialect.
package render
