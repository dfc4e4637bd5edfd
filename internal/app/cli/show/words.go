package show

import (
	"io"
	"os"
	"strings"

	"github.com/dangol/dangol/internal/market"
)

// Plural chooses a word by a count.
func Plural(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Counted writes a count with its noun; many is for nouns that take no s.
func Counted(n int64, one string, many ...string) string {
	several := one + "s"
	if len(many) > 0 {
		several = many[0]
	}
	return market.FormatNumber(n) + " " + Plural(n, one, several)
}

// CSVFlag describes the flag --csv.
const CSVFlag = "print CSV; into a file it begins with a byte order mark, for spreadsheets"

// ByteOrderMark tells a spreadsheet that a text is UTF-8; without it Excel garbles Korean and Thai.
const ByteOrderMark = "\ufeff"

// BeginsFile reports whether what is written to out is the beginning of a file: that is what people open in a spreadsheet.
// What goes into a pipe is read by programs, which would take a mark for a part of the first heading; what is appended has
// its beginning.
func BeginsFile(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular() && info.Size() == 0
}

// Cut shortens text to a number of columns on a terminal.
func Cut(s string, columns int) string {
	if DisplayWidth(s) <= columns {
		return s
	}
	var b strings.Builder
	n := 1
	for _, r := range s {
		n += DisplayWidth(string(r))
		if n > columns {
			break
		}
		b.WriteRune(r)
	}
	return b.String() + "…"
}
