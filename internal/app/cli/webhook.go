package cli

import (
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app/cli/hooks"
	"github.com/dangol/dangol/internal/kit/fault"
)

func (e *env) webhookCommand() *cobra.Command {
	return hooks.Line{
		With: e.with, Ask: e.ask, PrintJSON: e.printJSON, JSON: func() bool { return e.json }, Say: e.say, Printer: e.printer, Takes: takes, Usage: usagef,
		Failed: func(sentence string) error { return stopped{sentence} }, File: e.smallFile, OneOf: oneOf,
	}.Command()
}

// smallLimit is the largest secret, mapping, sample or definition that is read from a file.
const smallLimit = 1 << 20

// smallFile reads a file, or standard input.
func (e *env) smallFile(file string) ([]byte, error) {
	from := e.In
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, unreadable(file, err)
		}
		defer func() { _ = f.Close() }()
		from = f
	}
	text, err := io.ReadAll(io.LimitReader(from, smallLimit+1))
	if err != nil {
		return nil, unreadable(file, err)
	}
	if len(text) > smallLimit {
		return nil, fault.New(fault.TooLarge, "app.file_too_large", "the file is larger than 1 MiB").At(fault.Place{File: file}).Then("Check that it is the file you meant.")
	}
	return text, nil
}
