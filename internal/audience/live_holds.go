package audience

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/dangol/dangol/internal/audience/live"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/query/rule"
)

// withSegment is a catalogue in which a segment is what it is to be.
func withSegment(c *rule.Catalog, d *definition) *rule.Catalog {
	after := *c
	after.Segments = maps.Clone(c.Segments)
	after.Segments[d.slug] = rule.Segment{Name: d.name, Rule: d.rule}
	return &after
}

// withTrait is a catalogue in which a trait is what it is to be.
func withTrait(c *rule.Catalog, t rule.Named) *rule.Catalog {
	after := *c
	after.Traits = maps.Clone(c.Traits)
	after.Traits[t.Name] = t
	return &after
}

// noCircle refuses a segment whose rule comes back to the segment: nobody could say who is in it.
func noCircle(slug string, c *rule.Catalog) error {
	way := circle(slug, c.Segments)
	switch {
	case len(way) == 0:
		return nil
	case len(way) == 2:
		return fault.Newf(fault.Invalid, "audience.names_itself", "the rule of %q names %q itself", slug, slug).At(fault.Place{Field: "rule"}).Then("Name another segment.")
	}
	return fault.Newf(fault.Invalid, "audience.circle", "the rule of %q would go in a circle: %s", slug, strings.Join(way, " → ")).
		At(fault.Place{Field: "rule"}).Then("Write the condition itself in one of them, in place of the next one's name.")
}

// circle is a way by names from a segment back to it: a, b, a. There may be none.
func circle(slug string, segments map[string]rule.Segment) []string {
	seen := map[string]bool{}
	var from func(at string) []string
	from = func(at string) []string {
		for _, next := range segmentsIn(segments[at].Rule) {
			if next == slug {
				return []string{at, slug}
			}
			if seen[next] {
				continue
			}
			seen[next] = true
			if rest := from(next); rest != nil {
				return append([]string{at}, rest...)
			}
		}
		return nil
	}
	return from(slug)
}

// segmentsIn are the segments that a rule names, in its order.
func segmentsIn(r *rule.Rule) (slugs []string) {
	if r == nil {
		return nil
	}
	if r.Segment != "" {
		slugs = append(slugs, r.Segment)
	}
	for _, sub := range slices.Concat([]*rule.Rule{r.Not}, r.And, r.Or) {
		slugs = append(slugs, segmentsIn(sub)...)
	}
	return slugs
}

// firstBroken finds a segment, or else a trait, that could be answered before and cannot be after.
func firstBroken(list []definition, before, after *rule.Catalog) (what, name string, why error) {
	for i := range list {
		d := &list[i]
		if d.archived || d.rule == nil {
			continue
		}
		if err := rule.Check(after.Segments[d.slug].Rule, after); err != nil && rule.Check(d.rule, before) == nil {
			return "segment", d.slug, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(before.Traits)) {
		_, err := rule.CheckTrait(after.Traits[name].Trait, after)
		if err == nil {
			continue
		}
		if _, was := rule.CheckTrait(before.Traits[name].Trait, before); was == nil {
			return "trait", name, err
		}
	}
	return "", "", nil
}

// mayBe checks what a segment is to be: its own rule, and those that name it.
func mayBe(d *definition, list []definition, c *rule.Catalog) error {
	after := withSegment(c, d)
	if err := noCircle(d.slug, after); err != nil {
		return err
	}
	if err := rule.Check(d.rule, after); err != nil {
		return ruleFault(err)
	}
	if what, name, why := firstBroken(list, c, after); why != nil {
		return fault.Newf(fault.Conflict, "audience.segment_breaks", "the %s %s names this segment, and could not be answered any more: %s", what, name, fault.From(why).Sentence).
			At(fault.Place{Field: "rule"}).Then("Change that one first, or make a segment of another name.")
	}
	return nil
}

// mayReturn checks a segment that was put away: what its rule names may be gone, or name it by now.
func (s *Service) mayReturn(ctx context.Context, d *definition) error {
	if d.rule == nil || !d.archived {
		return nil
	}
	list, c, err := s.defined(ctx)
	if err != nil {
		return err
	}
	after := withSegment(c, d)
	err = noCircle(d.slug, after)
	if err == nil {
		err = rule.Check(d.rule, after)
	}
	if err == nil {
		return nil
	}
	next := "Give it a rule that can be: `dangol segment update " + d.slug + " FILE`; then restore it."
	for _, slug := range segmentsIn(d.rule) {
		if slices.ContainsFunc(list, func(other definition) bool { return other.slug == slug && slug != d.slug && other.archived }) {
			next = "Restore the segment " + slug + " first: `dangol segment restore " + slug + "`."
			break
		}
	}
	return fault.Newf(fault.Conflict, "audience.cannot_return", "the rule of the segment %s cannot be answered any more: %s", d.slug, fault.From(err).Sentence).
		At(fault.Place{Field: "rule"}).Then(next)
}

// TraitUsers are the segments and the traits whose definitions name a trait.
type TraitUsers struct {
	Segments []string `json:"segments"`
	Traits   []string `json:"traits"`
}

// TraitDependants are who would follow a change of a trait.
func (s *Service) TraitDependants(ctx context.Context, name string) (*TraitUsers, error) {
	if _, err := s.FindTrait(ctx, name); err != nil {
		return nil, err
	}
	list, c, err := s.defined(ctx)
	if err != nil {
		return nil, err
	}
	return usersOf(name, list, c), nil
}

func usersOf(trait string, list []definition, c *rule.Catalog) *TraitUsers {
	u := &TraitUsers{Segments: []string{}, Traits: []string{}}
	for i := range list {
		if !list[i].archived && namesTrait(list[i].rule, trait) {
			u.Segments = append(u.Segments, list[i].slug)
		}
	}
	for _, other := range slices.Sorted(maps.Keys(c.Traits)) {
		if other != trait && ofTrait(c.Traits[other].Trait, trait) {
			u.Traits = append(u.Traits, other)
		}
	}
	return u
}

// defined is every segment that was defined, and what rules can name.
func (s *Service) defined(ctx context.Context) ([]definition, *rule.Catalog, error) {
	list, err := s.definitions(ctx)
	if err != nil {
		return nil, nil, err
	}
	c, _, err := s.engine.Catalogue(ctx)
	return list, c, err
}

// Verdict is a comparison, and what could not be part of it.
type Verdict struct {
	live.Verdict
	Unchecked []Unchecked `json:"unchecked" doc:"segments that were not compared"`
}

// Unchecked is a segment that was not compared.
type Unchecked struct {
	ID     string `json:"id"`
	Broken bool   `json:"broken" doc:"its rule cannot be answered: its members stay as they are until it is mended"`
	Why    string `json:"why"`
}

// Verify compares who is in each segment with what the facts say.
func (s *Service) Verify(ctx context.Context) (*Verdict, error) {
	known, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	c, _, err := s.engine.Catalogue(ctx)
	if err != nil {
		return nil, err
	}
	v := &Verdict{Unchecked: []Unchecked{}}
	for _, seg := range known.Segments {
		if seg.Rule == nil {
			continue
		}
		if err := rule.Check(seg.Rule, c); err != nil {
			v.Unchecked = append(v.Unchecked, Unchecked{ID: seg.Slug, Broken: true, Why: fault.From(err).Sentence})
		} else if !s.engine.Live(seg.Key) {
			v.Unchecked = append(v.Unchecked, Unchecked{ID: seg.Slug, Why: "its members are still being computed for the first time"})
		}
	}
	v.Verdict, err = s.engine.Compare(ctx, false)
	return v, err
}
