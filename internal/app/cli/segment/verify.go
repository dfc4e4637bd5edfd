package segment

import (
	"strings"

	"github.com/dangol/dangol/internal/app/cli/show"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
)

// Verdict is what a comparison of the segments found.
type Verdict struct {
	Checked   int64    `json:"checked"`
	Differing int64    `json:"differing"`
	Segments  []string `json:"segments"`
	Unchecked []struct {
		ID     string `json:"id"`
		Broken bool   `json:"broken"`
		Why    string `json:"why"`
	} `json:"unchecked"`
}

// Print says it for people.
func (v *Verdict) Print(print func(format string, args ...any)) {
	print("%s compared, %s %s.", show.Counted(v.Checked, "segment"), show.Counted(v.Differing, "membership"), show.Plural(v.Differing, "differs", "differ"))
	if len(v.Segments) > 0 {
		print("They differ in: %s.", strings.Join(v.Segments, ", "))
	}
	for _, u := range v.Unchecked {
		print("Not compared: %s: %s.", u.ID, strings.TrimSuffix(u.Why, "."))
	}
}

// Trouble is what makes the status another than 0.
func (v *Verdict) Trouble() error {
	if v.Differing > 0 {
		return fault.Newf(fault.Conflict, "app.segments_differ", "%s of the segments %s not what the facts say", market.FormatNumber(v.Differing)+" "+show.Plural(v.Differing, "membership", "memberships"), show.Plural(v.Differing, "is", "are")).
			Then("A server that runs on this data mends them within half an hour; if they differ again after that, please report it.")
	}
	var broken []string
	for _, u := range v.Unchecked {
		if u.Broken {
			broken = append(broken, u.ID)
		}
	}
	if len(broken) == 0 {
		return nil
	}
	return fault.Newf(fault.Conflict, "app.segments_broken", "the %s of %s cannot be answered, so nobody comes or goes there", show.Plural(int64(len(broken)), "rule", "rules"), strings.Join(broken, ", ")).
		Then("Give each a rule that can be: `dangol segment update ID FILE`.")
}
