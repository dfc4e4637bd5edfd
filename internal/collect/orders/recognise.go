package orders

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/currency"

	"github.com/dangol/dangol/internal/collect/table"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/spelling"
)

// recogniser works out a mapping step by step; each step may use what the earlier ones found.
type recogniser struct {
	t *table.Table
	o Options
	s *sample
	m *Mapping
	p *plan
}

// Recognise finds each column's role and notation from the headers and a sample; it reads the whole
// date column only when the sample leaves day and month open. When the error is a fault about the file (missing roles,
// an ambiguous date, an unknown header), the Mapping is returned as far as it goes, for showing.
func Recognise(ctx context.Context, t *table.Table, o Options) (*Mapping, error) {
	r := &recogniser{t: t, o: o, m: &Mapping{TimeZone: "UTC", CurrencyBy: "none"}, p: newPlan()}
	r.m.plan = r.p
	for i, h := range t.Columns() {
		r.m.Columns = append(r.m.Columns, Column{Index: i + 1, Header: h, Samples: []string{}})
	}
	s, err := takeSample(ctx, t)
	if err != nil {
		return r.m, err
	}
	r.s = s
	r.showSamples()
	steps := []func(context.Context) error{r.options, r.given, r.byHeader, r.byContent, r.settle, r.shape, r.essentials, r.crowd, r.dates, r.paysUntil, r.numbers, r.money, r.ids, r.remaining}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			r.finish()
			return r.m, err
		}
	}
	r.finish()
	return r.m, nil
}

// showSamples keeps the first five different values of each column.
func (r *recogniser) showSamples() {
	for c := range r.m.Columns {
		col := &r.m.Columns[c]
		for _, row := range r.s.rows {
			if v := row[c]; v != "" && len(col.Samples) < 5 && !slices.Contains(col.Samples, clip(v)) {
				col.Samples = append(col.Samples, clip(v))
			}
			if len(col.Samples) == 5 {
				break
			}
		}
	}
}

func clip(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return s
}

// options checks the zone, the currency and the date format that were asked for.
func (r *recogniser) options(context.Context) error {
	r.p.market = r.o.Market
	if r.o.TZ != "" {
		loc, err := time.LoadLocation(r.o.TZ)
		if err != nil || r.o.TZ == "Local" {
			return fault.Newf(fault.Invalid, "collect.unknown_zone", "The time zone %q is not known", r.o.TZ).
				At(fault.Place{Field: "tz", Value: r.o.TZ}).Then("Give an IANA zone such as Asia/Seoul, Asia/Bangkok or Europe/Berlin")
		}
		r.p.loc, r.p.zoned, r.m.TimeZone = loc, true, r.o.TZ
	}
	if r.o.Currency != "" {
		u, err := currency.ParseISO(strings.ToUpper(r.o.Currency))
		if err != nil {
			return fault.Newf(fault.Invalid, "collect.unknown_currency", "The currency %q is not known", r.o.Currency).
				At(fault.Place{Field: "currency", Value: r.o.Currency}).Then("Give an ISO 4217 code such as KRW, THB, EUR or USD")
		}
		r.m.Currency, r.m.CurrencyBy, r.p.givenCurrency = u.String(), "given", true
	}
	if r.o.DateFormat != "" {
		order, pattern, err := dateFormatNamed(r.o.DateFormat)
		if err != nil {
			return err
		}
		r.p.at, r.p.dateGiven = dateNotation{order, pattern}, true
	}
	return nil
}

// assign gives a column its role; the same role elsewhere is taken away.
func (r *recogniser) assign(role Role, c int, by string) {
	for i := range r.m.Columns {
		if r.m.Columns[i].Role == role {
			r.m.Columns[i].Role, r.m.Columns[i].By = "", ""
		}
	}
	r.m.Columns[c].Role, r.m.Columns[c].By = role, by
}

// column is the place of the column with a role, or -1.
func (r *recogniser) column(role Role) int {
	for i := range r.m.Columns {
		if r.m.Columns[i].Role == role {
			return i
		}
	}
	return -1
}

// given applies --columns.
func (r *recogniser) given(context.Context) error {
	roles := make([]string, 0, len(r.o.Columns))
	for name := range r.o.Columns {
		roles = append(roles, name)
	}
	sort.Strings(roles)
	for _, name := range roles {
		role, ok := roleNamed(name)
		if !ok {
			return fault.Newf(fault.Invalid, "collect.unknown_role", "There is no role %q for a column", name).
				At(fault.Place{Field: "columns", Value: name}).Then(didYouMean(name, roleStrings()) + "The roles are: " + strings.Join(roleStrings(), ", "))
		}
		want := strings.TrimSpace(r.o.Columns[name])
		if want == "" || want == "-" {
			r.p.refused = append(r.p.refused, role)
			continue
		}
		c, err := r.headerNamed(want)
		if err != nil {
			return err
		}
		if had := r.m.Columns[c]; had.By == "given" && had.Role != role {
			return fault.Newf(fault.Invalid, "collect.column_twice", "The column %q is named for both %s and %s", had.Header, had.Role, role).
				At(fault.Place{Field: "columns", Column: had.Header}).Then("Name another column for one of them")
		}
		r.assign(role, c, "given")
	}
	return nil
}

func roleNamed(name string) (Role, bool) {
	n := normalise(name)
	for _, role := range allRoles {
		if normalise(string(role)) == n {
			return role, true
		}
	}
	role, ok := roleNames[n]
	return role, ok
}

func roleStrings() []string {
	var out []string
	for _, r := range allRoles {
		out = append(out, string(r))
	}
	return out
}

// headerNamed finds a column by its header, or by its number counted from 1.
func (r *recogniser) headerNamed(want string) (int, error) {
	headers := r.t.Columns()
	if i := slices.Index(headers, want); i >= 0 {
		return i, nil
	}
	n, err := strconv.Atoi(want)
	if err == nil && n >= 1 && n <= len(headers) {
		return n - 1, nil
	}
	if err == nil {
		return 0, fault.Newf(fault.Invalid, "collect.unknown_column", "There is no column %d: the file has %d", n, len(headers)).
			At(fault.Place{File: r.t.Info().Name, Field: "columns", Value: want}).Then("Its columns are: " + listed(headers))
	}
	if i := slices.IndexFunc(headers, func(h string) bool { return normalise(h) == normalise(want) && normalise(want) != "" }); i >= 0 {
		return i, nil
	}
	return 0, fault.Newf(fault.Invalid, "collect.unknown_column", "The file has no column %q", want).
		At(fault.Place{File: r.t.Info().Name, Field: "columns", Value: want}).Then(didYouMean(want, headers) + "Its columns are: " + listed(headers))
}

func listed(headers []string) string {
	if len(headers) > 40 {
		return strings.Join(headers[:40], ", ") + fmt.Sprintf(" and %d more", len(headers)-40)
	}
	return strings.Join(headers, ", ")
}

// didYouMean offers the nearest of the known names, as a sentence, or nothing.
func didYouMean(name string, known []string) string {
	best, distance := "", 1<<30
	for _, k := range known {
		if d := spelling.Slips(normalise(name), normalise(k)); d < distance {
			best, distance = k, d
		}
	}
	if best == "" || distance > max(2, len([]rune(name))/2) {
		return ""
	}
	return fmt.Sprintf("Did you mean %q? ", best)
}

// note adds what was assumed; values are pairs of names and what they stand for.
func (r *recogniser) note(code, sentence string, values ...string) {
	r.m.Notes = append(r.m.Notes, NoteOf(code, sentence, values...))
}

func (r *recogniser) problem(p Problem) { r.m.Problems = append(r.m.Problems, p) }

// header is the header of the column with a role.
func (r *recogniser) header(role Role) string {
	if c := r.column(role); c >= 0 {
		return r.m.Columns[c].Header
	}
	return ""
}

// finish makes sure that lists are lists in JSON and that the plan knows its columns.
func (r *recogniser) finish() {
	for i := range r.m.Columns {
		if c := &r.m.Columns[i]; c.Role != "" {
			r.p.columns[c.Role] = i
		}
	}
	if r.m.Missing == nil {
		r.m.Missing = []Role{}
	}
	if r.m.Problems == nil {
		r.m.Problems = []Problem{}
	}
	if r.m.Notes == nil {
		r.m.Notes = []Note{}
	}
	r.p.currency = r.m.Currency
}
