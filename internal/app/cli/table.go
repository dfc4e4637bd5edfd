package cli

import (
	"encoding/csv"

	"github.com/dangol/dangol/internal/app/cli/show"
)

type cell = show.Cell

// The words of tables, as every verb writes them.
var (
	left, right, count, share, number, heat = show.Left, show.Right, show.Count, show.Share, show.Number, show.Heat
	harmless, percent, short, maybe, spark  = show.Harmless, show.Percent, show.Short, show.Maybe, show.Spark
	counted, plural, cut                    = show.Counted, show.Plural, show.Cut
)

const csvFlag = show.CSVFlag

// markCSV begins a CSV that the shell writes into a file.
func (e *env) markCSV() {
	if show.BeginsFile(e.Streams.Out) {
		_, _ = e.out.WriteString(show.ByteOrderMark)
	}
}

// csv prints rows as CSV.
func (e *env) csv(rows [][]string) error {
	e.markCSV()
	return csv.NewWriter(e.out).WriteAll(rows)
}

func (e *env) printer() show.Printer { return show.Printer{Out: e.out, Colour: e.colour()} }

// table prints rows under a head in aligned columns.
func (e *env) table(head []cell, rows [][]cell) { e.printer().Table(head, rows) }
