// Package foresee has the verbs that train models, score customers and explain what is foreseen of them. Like every verb they speak to the
// API alone; what they need of the command line is handed in, so that they know nothing else of it.
package foresee

import (
	"context"
	"encoding/json"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/app/cli/show"
	"github.com/dangol/dangol/internal/market"
)

// Line is the command line as these verbs need it.
type Line struct {
	// With dials the house, runs the verb and hangs up.
	With func(ctx context.Context, verb func(ctx context.Context, c *app.Client) error) error
	// Work starts a job and waits for its result.
	Work func(ctx context.Context, c *app.Client, path string, in any) (json.RawMessage, error)
	// Ask gets an answer; shown says that it was printed as JSON already.
	Ask func(ctx context.Context, c *app.Client, path string, query url.Values, into any) (shown bool, err error)
	// Freshen makes sure that there is an analysis of the orders there are.
	Freshen   func(ctx context.Context, c *app.Client, asOf string) error
	PrintJSON func(raw json.RawMessage, err error) error
	JSON      func() bool
	Say       func(format string, args ...any)
	Printer   func() show.Printer
	// CSV prints rows for spreadsheets and programs.
	CSV      func(rows [][]string) error
	Language func() market.Language
	Takes    func(cobra.PositionalArgs) cobra.PositionalArgs
	Usage    func(format string, args ...any) error
	// File reads a small file, or standard input where it is called -.
	File  func(name string) ([]byte, error)
	OneOf func(*cobra.Command) *cobra.Command
}

// Commands are the verbs.
func Commands(l Line) []*cobra.Command {
	return []*cobra.Command{l.train(), l.score(), l.models(), l.explain(), l.recommend(), l.decide(), l.slot()}
}

func (l Line) print(format string, args ...any) { l.Printer().Print(format, args...) }

func (l Line) table(head []show.Cell, rows [][]show.Cell) { l.Printer().Table(head, rows) }

// said is a sentence in the language of the person.
func (l Line) said(sentences map[string]string) string {
	if s := sentences[string(l.Language())]; s != "" {
		return s
	}
	return sentences["en"]
}
