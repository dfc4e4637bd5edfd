package query

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
)

// Limits of questions.
const (
	maxTraits     = 200
	maxCustomers  = 100_000
	maxWindowDays = 36_500
	maxBuckets    = 1_200
	maxText       = 200
)

var (
	earliest = day.New(1800, 1, 1)
	latest   = day.New(2400, 1, 1)
	nameForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)
)

func checkDay(field string, d day.Day) error {
	if d == day.Unknown || d < earliest || d > latest {
		return fault.New(fault.Invalid, "query.bad_day", "a question needs a day from 1800 to 2400").
			At(fault.Place{Field: field, Value: d.String()}).Then("Give a day such as 2024-03-31.")
	}
	return nil
}

func checkText(field, value string) error {
	if len(value) > maxText {
		return fault.Newf(fault.TooLarge, "query.long_text", "a name has at most %d bytes", maxText).At(fault.Place{Field: field})
	}
	return nil
}

// Check verifies days, names, types and limits of the question.
func (q Traits) Check() error {
	if err := checkDay("as_of", q.AsOf); err != nil {
		return err
	}
	if len(q.Traits) == 0 || len(q.Traits) > maxTraits {
		return fault.Newf(fault.Invalid, "query.trait_count", "a question asks for 1 to %d traits, not %d", maxTraits, len(q.Traits)).At(fault.Place{Field: "traits"})
	}
	if len(q.Customers) > maxCustomers {
		return fault.Newf(fault.TooLarge, "query.customer_count", "a question is restricted to at most %d customers", maxCustomers).
			At(fault.Place{Field: "customers"}).Then("Ask for all customers, or in parts.")
	}
	seen := map[string]bool{"customer_key": true}
	for i, t := range q.Traits {
		place := "traits[" + strconv.Itoa(i) + "]"
		if seen[t.Name] {
			return fault.Newf(fault.Invalid, "query.name_twice", "the name %q is taken", t.Name).At(fault.Place{Field: place + ".name", Value: t.Name}).Then("Name each trait differently.")
		}
		seen[t.Name] = true
		if err := t.check(place, q.resolve); err != nil {
			return err
		}
	}
	return nil
}

// resolve finds a trait by name among those asked, then in the catalogue.
func (q Traits) resolve(name string) (Trait, bool) {
	for _, t := range q.Traits {
		if t.Name == name {
			return t, true
		}
	}
	return BuiltInTrait(name)
}

// Check verifies one trait by itself; a ratio's parts are looked up in the catalogue.
func (t Trait) Check() error { return t.check("trait", BuiltInTrait) }

var aggregates = []Aggregate{Count, Sum, Avg, Min, Max, First, Last, Distinct, MostFrequent, DaysSince, DaysSinceFirst, Gap, Ratio, Trend}

func (t Trait) check(place string, resolve func(string) (Trait, bool)) error {
	bad := func(field, value, sentence, next string) error {
		return fault.New(fault.Invalid, "query.bad_trait", sentence).At(fault.Place{Field: place + "." + field, Value: value}).Then(next)
	}
	if !nameForm.MatchString(t.Name) {
		return bad("name", t.Name, "a trait's name is made of small letters, digits and _", "Write it like orders_90d.")
	}
	if !slices.Contains(aggregates, t.Aggregate) {
		return unknown("aggregate", place+".aggregate", string(t.Aggregate), words(aggregates))
	}
	if t.WindowDays < 0 || t.WindowDays > maxWindowDays {
		return bad("window_days", strconv.Itoa(t.WindowDays), "a window is 0 (all) to 36500 days", "")
	}
	if t.Aggregate == Trend && t.WindowDays == 0 {
		return bad("window_days", "0", "a trend compares two windows and needs their length", "Set window_days, such as 90.")
	}
	if t.Aggregate == Ratio {
		return t.checkRatio(place, resolve)
	}
	if sources[t.Source] == nil {
		return unknown("source", place+".source", string(t.Source), words([]Source{Orders, Refunds, Lines, CustomerDays}))
	}
	if t.Aggregate == Gap && t.Source != CustomerDays {
		return bad("source", string(t.Source), "gap counts the days between customer_days", "Set source to customer_days.")
	}
	if err := t.checkProperty(place); err != nil {
		return err
	}
	if t.Where != nil {
		left := maxComparisons
		return t.Where.check(SourceSchema(t.Source), place+".where", 0, &left)
	}
	return nil
}

func (t Trait) checkRatio(place string, resolve func(string) (Trait, bool)) error {
	for field, name := range map[string]string{"of": t.Of, "by": t.By} {
		part, ok := resolve(name)
		if !ok {
			return unknown("trait", place+"."+field, name, StateSchema().names())
		}
		if part.Aggregate == Ratio || !part.Column().numeric() {
			return fault.Newf(fault.Invalid, "query.bad_ratio", "a ratio divides two numbers, and %s is not one", name).
				At(fault.Place{Field: place + "." + field, Value: name}).Then("Name traits that count or sum.")
		}
	}
	return nil
}

// needs lists, for the aggregates that read a property, the types it may have; nil means any.
var needs = map[Aggregate][]Type{
	Sum: {TypeMoney, TypeInt, TypeNumber}, Avg: {TypeMoney, TypeInt, TypeNumber}, Trend: {TypeMoney, TypeInt, TypeNumber},
	Min: {TypeMoney, TypeInt, TypeNumber, TypeDay}, Max: {TypeMoney, TypeInt, TypeNumber, TypeDay},
	First: nil, Last: nil, Distinct: {TypeText, TypeDay}, MostFrequent: {TypeText},
}

func (t Trait) checkProperty(place string) error {
	place += ".property"
	types, reads := needs[t.Aggregate]
	if t.Property == "" && (!reads || t.Aggregate == Trend) {
		return nil
	}
	if !reads {
		return fault.Newf(fault.Invalid, "query.no_property", "%s reads no property", t.Aggregate).At(fault.Place{Field: place, Value: t.Property}).Then("Leave the property out.")
	}
	p, ok := findProperty(t.Source, t.Property)
	if !ok {
		return unknown("property of "+string(t.Source), place, t.Property, SourceSchema(t.Source).names())
	}
	if types != nil && !slices.Contains(types, p.kind) {
		return fault.Newf(fault.Invalid, "query.bad_property", "%s cannot be taken of %s, which is %s", t.Aggregate, t.Property, typeWords[p.kind]).
			At(fault.Place{Field: place, Value: t.Property})
	}
	if t.Source == Lines && (t.Aggregate == First || t.Aggregate == Last) && !p.coded {
		return fault.Newf(fault.Invalid, "query.bad_property", "the %s line tells only its product or category; several lines share one instant", t.Aggregate).
			At(fault.Place{Field: place, Value: t.Property}).Then("Take " + t.Property + " from orders.")
	}
	return nil
}

func words[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, v := range in {
		out[i] = string(v)
	}
	return out
}

func (q RFM) check() error {
	if err := checkDay("as_of", q.AsOf); err != nil {
		return err
	}
	if q.Scores != 0 && q.Scores != 5 {
		return fault.New(fault.Invalid, "query.bad_scores", "scores run from 1 to 5").At(fault.Place{Field: "scores", Value: strconv.Itoa(q.Scores)}).Then("Leave scores out.")
	}
	return checkText("market", q.Market)
}

// Check verifies the day and the number of scores.
func (q RFM) Check() error { return q.check() }

// Check verifies the day and the number of scores.
func (q RFMCells) Check() error { return RFM(q).check() }

// Check verifies both days and their order.
func (q RFMMovement) Check() error {
	if err := checkDay("from", q.From); err != nil {
		return err
	}
	if err := checkDay("to", q.To); err != nil {
		return err
	}
	if q.From >= q.To {
		return backwards(q.From, q.To)
	}
	return checkText("market", q.Market)
}

func backwards(from, to day.Day) error {
	return fault.Newf(fault.Invalid, "query.backwards", "the period starts %s and ends before, on %s", from, to).
		At(fault.Place{Field: "from", Value: from.String()}).Then("Give a from that is not after to.")
}

// Check verifies the day, the split and the unit.
func (q Cohorts) Check() error {
	if err := checkDay("as_of", q.AsOf); err != nil {
		return err
	}
	if splits := []Split{SplitNone, SplitMarket, SplitCategory}; q.By != "" && !slices.Contains(splits, q.By) {
		return unknown("split", "by", string(q.By), words(splits))
	}
	if q.Unit != "" && q.Unit != "month" {
		return unknown("unit", "unit", q.Unit, []string{"month"})
	}
	if err := checkText("market", q.Market); err != nil {
		return err
	}
	return checkText("category", q.Category)
}

// Check verifies the days and their order, and that the series is not too long.
func (q KPI) Check() error {
	for field, d := range map[string]day.Day{"from": q.From, "to": q.To, "as_of": q.AsOf} {
		if err := checkDay(field, d); err != nil {
			return err
		}
	}
	if q.From > q.To {
		return backwards(q.From, q.To)
	}
	if q.To > q.AsOf {
		return fault.Newf(fault.Invalid, "query.after_as_of", "the period ends on %s, after as_of %s", q.To, q.AsOf).
			At(fault.Place{Field: "to", Value: q.To.String()}).Then("End the period on as_of or before.")
	}
	if buckets := []Bucket{BucketDay, BucketWeek, BucketMonth}; q.Bucket != BucketNone && !slices.Contains(buckets, q.Bucket) {
		return unknown("bucket", "bucket", string(q.Bucket), words(buckets))
	}
	if n := q.Buckets(); n > maxBuckets {
		return fault.Newf(fault.TooLarge, "query.many_buckets", "a series has at most %d points, not %d", maxBuckets, n).
			At(fault.Place{Field: "bucket", Value: string(q.Bucket)}).Then("Use a longer bucket or a shorter period.")
	}
	return checkText("market", q.Market)
}
