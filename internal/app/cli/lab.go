package cli

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app/cli/laboratory"
	"github.com/dangol/dangol/internal/predict"
)

// labCommand joins the verbs of the laboratory to this command line.
func (e *env) labCommand() *cobra.Command {
	return laboratory.Command(laboratory.Line{
		Out: e.out, Clock: e.clock, JSON: func() bool { return e.json }, Say: e.say, Printer: e.printer, PrintCLV: e.printReportOfCLV,
		Pairs: pairs, Takes: takes, Usage: usagef, OneOf: oneOf,
	})
}

// printReportOfCLV prints the report as `report clv` prints the API's.
func (e *env) printReportOfCLV(r *predict.Report) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	var v clvView
	if err := json.Unmarshal(text, &v); err != nil {
		return err
	}
	e.printCLV(&v)
	return nil
}
