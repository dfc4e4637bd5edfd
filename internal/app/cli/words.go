package cli

import (
	"os"

	"github.com/dangol/dangol/internal/market"
)

// plural chooses a word by a count.
func plural(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// counted writes a count with its noun; many is for nouns that take no s.
func counted(n int64, one string, many ...string) string {
	several := one + "s"
	if len(many) > 0 {
		several = many[0]
	}
	return market.FormatNumber(n) + " " + plural(n, one, several)
}

const csvFlag = "print CSV; into a file it begins with a byte order mark, for spreadsheets"

// byteOrderMark tells a spreadsheet that the text is UTF-8; without it Excel garbles Korean and Thai.
const byteOrderMark = "\ufeff"

// markCSV begins a CSV that the shell writes into a file, which is what people open in a spreadsheet. What goes into a
// pipe is read by programs, which would take the mark for a part of the first heading; what is appended has its beginning.
func (e *env) markCSV() {
	f, ok := e.Streams.Out.(*os.File)
	if !ok {
		return
	}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && info.Size() == 0 {
		_, _ = e.out.WriteString(byteOrderMark)
	}
}
