package audience

import (
	"context"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
)

// AsOfInput is the day of a question that only the kept analysis answers. It is exported because the router fills only
// exported fields, embedded ones too.
type AsOfInput struct {
	AsOf string `query:"as_of" format:"date" doc:"the day that the analysis kept must be of; whichever it is of by default. Another day is refused: POST /v1/analyses first"`
}

// Kept requires that the analysis kept is of the day asked for ("": any day), so that nobody is answered about one day
// who asked about another. Making an analysis takes long and replaces the one before, so a question never makes one.
func (s *Service) Kept(ctx context.Context, asked string) error {
	if asked == "" {
		return nil
	}
	want, err := parseDay(asked)
	if err != nil {
		return err
	}
	a, found, err := s.Latest(ctx)
	if err != nil || (found && a.AsOf == want) {
		return err
	}
	sentence := "no analysis has been made yet"
	if found {
		sentence = "the analysis kept is as of " + a.AsOf.String()
	}
	return fault.New(fault.Conflict, "audience.not_analysed", sentence).At(fault.Place{Field: "as_of", Value: asked}).
		Then(`Make one of that day with POST /v1/analyses {"as_of":"` + want.String() + `"} or ` + "`dangol analyze --as-of " + want.String() + "`, or leave as_of away.")
}

func parseDay(text string) (day.Day, error) {
	d, err := day.Parse(text)
	if err != nil {
		return d, fault.New(fault.Invalid, "audience.bad_day", "this is not a day").At(fault.Place{Field: "as_of", Value: text}).Then("Write it like 2024-03-31.").Because(err)
	}
	return d, nil
}
