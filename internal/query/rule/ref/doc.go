// Package ref answers rules for one person from her facts. It is the oracle of every engine's SQL, and it is what
// moves people between segments as events come in: plain, and quick enough for that.
package ref
