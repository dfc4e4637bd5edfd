// Package spelling tells which known word was perhaps meant by one that is not known.
package spelling

import "strings"

// longest is how many letters of a word are compared: the work grows with their square.
const longest = 200

// Nearest finds the known word that differs least, ignoring case, in no more than a third of the word's letters, or two.
func Nearest(word string, known []string) (string, bool) {
	word = strings.ToLower(word)
	letters := len([]rune(word))
	best, found := min(max(2, letters/3), letters-1)+1, "" // nothing is near that shares no letter
	for _, k := range known {
		n := Slips(word, strings.ToLower(k))
		if n < best || (n == best && found != "" && k < found) {
			best, found = n, k
		}
	}
	return found, found != ""
}

// Slips counts letters put in, left out or changed, and neighbours swapped, that lead from one word to another, none touched twice: the optimal
// string alignment distance (after F. J. Damerau, CACM 7, 1964).
func Slips(from, to string) int {
	a, b := []rune(from), []rune(to)
	if len(a) > longest || len(b) > longest {
		return max(len(a), len(b))
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
