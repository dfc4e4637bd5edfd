package cli

import (
	"context"
	"errors"
	"net/http"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
)

// freshen makes sure that the analysis kept is of the orders there are and of the day asked for ("": the last day in
// the data), and makes one where it is not: who asks for her customers need not know that they must be analysed first.
func (e *env) freshen(ctx context.Context, c *app.Client, asOf string) error {
	var s app.Status
	if err := c.Call(ctx, http.MethodGet, "/v1/status", nil, nil, &s); err != nil {
		return err
	}
	if s.Lines == 0 {
		return fault.New(fault.Invalid, "audience.no_orders", "there are no orders yet").Then("Import some with `dangol import orders FILE`.")
	}
	want, err := asked(asOf, s.LastDay)
	if err != nil {
		return err
	}
	switch {
	case s.Analysis == nil:
		e.say("No analysis yet: analysing as of %s …", want)
	case s.Analysis.AsOf != want:
		e.say("The last analysis is as of %s: analysing as of %s …", s.Analysis.AsOf, want)
	case s.Analysis.Stale:
		e.say("Orders came in since the last analysis: analysing as of %s …", want)
	default:
		return nil
	}
	_, err = e.work(ctx, c, "/v1/analyses", map[string]string{"as_of": want.String()})
	var f *fault.Fault
	if errors.As(err, &f) && f.Code == fault.Forbidden {
		return e.withoutAnalysis(&s, asOf, f)
	}
	if err == nil {
		err = e.rescore(ctx, c)
	}
	return err
}

func asked(asOf string, last day.Day) (day.Day, error) {
	if asOf == "" {
		return last, nil
	}
	d, err := day.Parse(asOf)
	if err != nil {
		return d, fault.New(fault.Invalid, "app.bad_day", "this is not a day").At(fault.Place{Field: "as-of", Value: asOf}).Then("Write it like 2024-03-31.")
	}
	return d, nil
}

// withoutAnalysis decides what a key that may not analyse can still be told: the analysis kept, unless there is none or
// another day was asked for.
func (e *env) withoutAnalysis(s *app.Status, asOf string, why *fault.Fault) error {
	switch {
	case s.Analysis == nil:
		return fault.New(fault.NotFound, "audience.no_analysis", "no analysis has been made yet, and this key may not make one").
			Then("Run `dangol analyze` with a key of the scope write, or on the server.").Because(why)
	case asOf != "" && s.Analysis.AsOf.String() != asOf:
		return fault.Newf(fault.NotFound, "app.may_not_analyse", "the analysis kept is as of %s, and this key may not make another", s.Analysis.AsOf).
			At(fault.Place{Field: "as-of", Value: asOf}).Then("Leave --as-of away, or use a key of the scope write.").Because(why)
	}
	e.say("This key may not analyse: the answer is of the last analysis, as of %s.", s.Analysis.AsOf)
	return nil
}
