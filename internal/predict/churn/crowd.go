package churn

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/dangol/dangol/internal/predict/churn/compare"
	"github.com/dangol/dangol/internal/predict/churn/say"
)

// Crowd says who of those who may leave is looked at; empty is everybody.
type Crowd struct {
	Market  string `query:"market" maxLength:"100"`
	Segment string `query:"segment" maxLength:"64" doc:"of a segment, built in or the workspace's own"`
}

// raisedBand asks for the medium and the high band together.
const raisedBand = "raised"

// asked is a crowd as SQL, beginning with FROM, and its arguments.
type asked struct {
	text string
	args []any
}

// of is a crowd, with what the last analysis knows of each.
func (s *Service) of(c Crowd) (asked, error) {
	a := asked{` FROM prediction p LEFT JOIN customer_state s USING (customer_key) WHERE true`, nil}
	if c.Market != "" {
		a = a.and("s.last_market = ?", c.Market)
	}
	if c.Segment == "" {
		return a, nil
	}
	condition, more, err := s.Audience.InSegment(c.Segment, len(a.args)+1)
	return asked{a.text + " AND (" + condition + ")", append(a.args, more...)}, err
}

// and narrows a crowd by a condition on one value.
func (a asked) and(condition string, value any) asked {
	args := append(slices.Clip(a.args), value)
	return asked{a.text + " AND " + strings.Replace(condition, "?", "$"+strconv.Itoa(len(args)), 1), args}
}

// raised narrows a crowd to those of whom reasons are counted.
func (a asked) raised() asked { return asked{a.text + " AND p.band <> 'low'", a.args} }

// besideAll tells what drives a segment's people away oftener than others: how often each reason is the first among all of the market.
func (s *Service) besideAll(ctx context.Context, r *Risk, place, currency string) error {
	everybody := &Risk{}
	crowd, err := s.of(Crowd{Market: place})
	if err == nil {
		err = s.riskReasons(ctx, everybody, crowd, currency)
	}
	if err != nil {
		return err
	}
	here, all := people(r.Reasons), people(everybody.Reasons)
	var best *RiskReason
	for i := range r.Reasons {
		one := &r.Reasons[i]
		at := slices.IndexFunc(everybody.Reasons, func(other RiskReason) bool { return other.Code == one.Code })
		if at < 0 { // scored anew between the two questions
			continue
		}
		among := &everybody.Reasons[at]
		one.AmongAll = &among.Share
		two := compare.Two{People: float64(here), True: float64(one.Customers), Others: float64(all - here), TrueOthers: float64(among.Customers - one.Customers)}
		one.Oftener = one.Code != "" && two.Above()
		if one.Oftener && (best == nil || before(one, best) < 0) {
			best = one
		}
	}
	switch {
	case !compare.Enough(float64(here)):
		r.Drives = say.FewDrive(here)
	case best == nil:
		r.Drives = say.Drives(&say.Driving{})
	default:
		r.Drives = say.Drives(&say.Driving{Labels: best.Labels, Here: best.Share, All: *best.AmongAll, Market: place})
	}
	return nil
}

func people(reasons []RiskReason) (n int64) {
	for i := range reasons {
		n += reasons[i].Customers
	}
	return n
}

// before orders the reasons that drive a segment: what happened to people before what they do, and the widest difference first.
func before(a, b *RiskReason) int {
	rank := []string{cause, sign, contextly}
	return cmp.Or(cmp.Compare(slices.Index(rank, a.Kind), slices.Index(rank, b.Kind)), cmp.Compare(b.Share-*b.AmongAll, a.Share-*a.AmongAll))
}
