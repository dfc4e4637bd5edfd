package table

import (
	"fmt"
	"strings"
)

// findHeader looks at the first rows of a table of the given width. It returns how many rows stand
// before the data (a preamble such as a title, and the header), and the header's cells if there is one.
func findHeader(rows []looseRow, width int, want *bool) (before int, header []string) {
	if len(rows) == 0 {
		return 0, nil
	}
	if want != nil && !*want {
		return 0, nil
	}
	preamble := 0
	for preamble < min(10, len(rows)-1) && filled(rows[preamble].cells) <= max(1, width/3) && filled(rows[preamble].cells) < width {
		preamble++
	}
	first := rows[preamble].cells
	if want == nil && (filled(first) < (width+1)/2 || !looksLikeHeader(first, rows[preamble+1:])) {
		return 0, nil
	}
	return preamble + 1, first
}

func filled(cells []string) int {
	n := 0
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			n++
		}
	}
	return n
}

// looksLikeHeader weighs, column by column, whether the first row differs in kind from the rows below it.
func looksLikeHeader(first []string, body []looseRow) bool {
	if len(body) > 100 {
		body = body[:100]
	}
	score, seen := 0, map[string]bool{}
	for i, name := range first {
		name = strings.TrimSpace(name)
		if name == "" {
			continue
		}
		if numeric(name) {
			return false // a header does not hold bare numbers or dates
		}
		if seen[name] {
			score--
		}
		seen[name] = true
		numbers, values, again := 0, 0, false
		for _, r := range body {
			if i < len(r.cells) && strings.TrimSpace(r.cells[i]) != "" {
				values++
				if numeric(r.cells[i]) {
					numbers++
				}
				again = again || strings.EqualFold(strings.TrimSpace(r.cells[i]), name)
			}
		}
		switch {
		case again:
			score -= 2
		case values > 0 && numbers*10 >= values*8:
			score += 2
		}
	}
	return score > 0 || (score == 0 && len(seen) == filled(first))
}

// numeric tells whether a cell is a number or a date in digits: digits, and only what stands among them there.
func numeric(s string) bool {
	s = strings.TrimSpace(s)
	digits := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case strings.ContainsRune("+-.,:/ T()₩฿€£$¥%Z", r):
		default:
			return false
		}
	}
	return digits > 0
}

// columnNames gives every column a name: the header's, or its place.
func columnNames(header []string, width int) []string {
	names := make([]string, width)
	for i := range names {
		if i < len(header) {
			names[i] = strings.TrimSpace(strings.TrimPrefix(strings.Clone(header[i]), "\uFEFF"))
		}
		if names[i] == "" {
			names[i] = fmt.Sprintf("column %d", i+1)
		}
	}
	return names
}
