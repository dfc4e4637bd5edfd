package cli

import "github.com/dangol/dangol/internal/app/cli/show"

type cell = show.Cell

// The words of tables, as every verb writes them.
var (
	left, right, count, share, number, heat = show.Left, show.Right, show.Count, show.Share, show.Number, show.Heat
	harmless, percent, short, maybe, spark  = show.Harmless, show.Percent, show.Short, show.Maybe, show.Spark
	counted, plural                         = show.Counted, show.Plural
)

const csvFlag = "print CSV; into a file it begins with a byte order mark, for spreadsheets"

// markCSV begins a CSV that the shell writes into a file.
func (e *env) markCSV() {
	if show.BeginsFile(e.Streams.Out) {
		_, _ = e.out.WriteString(show.ByteOrderMark)
	}
}

func (e *env) printer() show.Printer { return show.Printer{Out: e.out, Colour: e.colour()} }

// table prints rows under a head in aligned columns.
func (e *env) table(head []cell, rows [][]cell) { e.printer().Table(head, rows) }
