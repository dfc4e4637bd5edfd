package cli

import (
	"context"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/app/cli/foresee"
)

// foresight is the command line as the verbs of models and predictions need it.
func (e *env) foresight() foresee.Line {
	return foresee.Line{
		With: e.with, Work: e.work, Ask: e.ask, Freshen: e.freshen, PrintJSON: e.printJSON, JSON: func() bool { return e.json }, Say: e.say, Printer: e.printer, CSV: e.csv,
		Language: e.language, Takes: takes, File: e.smallFile, OneOf: oneOf, Usage: usagef,
	}
}

// rescore brings the scores to the analysis that was made. Who stops it has the analysis all the same.
func (e *env) rescore(ctx context.Context, c *app.Client) error {
	var err error
	if ctx.Err() == nil {
		err = e.foresight().Score(ctx, c)
	}
	if ctx.Err() == nil {
		return err
	}
	e.say("Chances of leaving are still those of before; `dangol score` brings them up to date.")
	return nil
}
