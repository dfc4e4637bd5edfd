package audience

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/recall"
	"github.com/dangol/dangol/internal/store"
)

// Languages in which rules are said.
var languages = []string{"en", "ko", "th"}

// Draft is a segment to be made or changed.
type Draft struct {
	ID          string          `json:"id,omitempty" maxLength:"64" doc:"letters, digits and hyphens; made from the name when absent"`
	Name        string          `json:"name,omitempty" maxLength:"120"`
	Description string          `json:"description,omitempty" maxLength:"1000"`
	Kind        string          `json:"kind,omitempty" enum:"rule,manual"`
	Rule        json.RawMessage `json:"rule,omitempty" doc:"in the language of GET /v1/rules/schema"`
}

// Made is a segment that was made or changed.
type Made struct {
	ID        string            `json:"id"`
	Sentence  string            `json:"sentence" doc:"in English"`
	Sentences map[string]string `json:"sentences" doc:"by language: en, ko, th"`
	Members   int64             `json:"members"`
	Live      bool              `json:"live" doc:"false while a large history is still being read; the members follow when it is"`
	Warnings  []string          `json:"warnings" doc:"names that no event has brought yet"`
}

var slugs = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// slugOf makes an id of a name; one in other letters gets a number.
func slugOf(name string, taken func(string) bool) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	base := strings.Trim(b.String(), "-")
	if base == "" {
		base = "segment"
	}
	base = base[:min(len(base), 56)]
	slug := base
	for n := 2; taken(slug); n++ {
		slug = fmt.Sprintf("%s-%d", base, n)
	}
	return slug
}

func ruleFault(err error) error {
	var f *fault.Fault
	if errors.As(err, &f) {
		return f
	}
	return err
}

// check reads a rule and finds everything that is wrong with it.
func (s *Service) check(ctx context.Context, text json.RawMessage) (*rule.Rule, *rule.Catalog, error) {
	if len(text) == 0 {
		return nil, nil, fault.New(fault.Invalid, "audience.no_rule", "a segment needs a rule").At(fault.Place{Field: "rule"}).
			Then(`Give one, such as {"did":"Order Completed"}; GET /v1/rules/names lists what rules can name.`)
	}
	r, err := rule.Parse(text)
	if err != nil {
		return nil, nil, ruleFault(err)
	}
	c, _, err := s.engine.Catalogue(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := rule.Check(r, c); err != nil {
		return nil, nil, ruleFault(err)
	}
	return r, c, nil
}

// Create makes a segment and waits a while for its members.
func (s *Service) Create(ctx context.Context, d Draft) (*Made, error) {
	def, c, err := s.create(ctx, d)
	if err != nil {
		return nil, err
	}
	return s.made(ctx, def, c), nil
}

func (s *Service) create(ctx context.Context, d Draft) (*definition, *rule.Catalog, error) {
	s.defining.Lock()
	defer s.defining.Unlock()
	list, err := s.definitions(ctx)
	if err != nil {
		return nil, nil, err
	}
	taken := func(slug string) bool {
		_, found := findSegment(slug)
		return found || slices.ContainsFunc(list, func(d definition) bool { return d.slug == slug })
	}
	if strings.TrimSpace(d.Name) == "" {
		d.Name = d.ID
	}
	if d.ID == "" {
		d.ID = slugOf(d.Name, taken)
	}
	if !slugs.MatchString(d.ID) {
		return nil, nil, fault.New(fault.Invalid, "audience.bad_slug", "an id is made of small letters, digits, hyphens and underscores").
			At(fault.Place{Field: "id", Value: d.ID}).Then("Leave it away, and it is made from the name.")
	}
	if taken(d.ID) {
		return nil, nil, fault.Newf(fault.Conflict, "audience.slug_taken", "there is a segment %q already", d.ID).At(fault.Place{Field: "id", Value: d.ID}).Then("Choose another id, or change that one.")
	}
	if d.Name == "" {
		d.Name = d.ID
	}
	def := definition{slug: d.ID, name: d.Name, description: d.Description, kind: byRule, version: 1}
	var c *rule.Catalog
	if d.Kind == byHand {
		def.kind = byHand
	} else {
		if def.rule, c, err = s.check(ctx, d.Rule); err != nil {
			return nil, nil, err
		}
		def.text = string(d.Rule)
	}
	if err := s.add(ctx, &def); err != nil {
		return nil, nil, err
	}
	s.engine.Changed()
	return &def, c, nil
}

func (s *Service) add(ctx context.Context, d *definition) error {
	now, who := s.clock().UnixMicro(), rest.Caller(ctx).Name
	err := s.store.In(ctx, func(tx *store.Tx) error {
		var last int64
		if _, err := tx.One(ctx, "audience.LastSegmentKey", nil, &last); err != nil {
			return err
		}
		last = max(last, int64(recall.FirstSegment)-1) // the numbers below are recall's own
		d.key = uint32(last) + 1
		_, err := tx.Exec(ctx, "audience.AddSegment", last+1, d.slug, d.kind, d.name, d.description, d.text, int64(0), int64(0), int64(1), now, now, who)
		return err
	})
	if err != nil {
		return fmt.Errorf("make segment: %w", err)
	}
	return nil
}

// patience is how long making a segment waits for its members.
const patience = 20 * time.Second

func (s *Service) made(ctx context.Context, d *definition, c *rule.Catalog) *Made {
	wait, stop := context.WithTimeout(ctx, patience)
	defer stop()
	m := &Made{ID: d.slug, Sentences: map[string]string{}, Warnings: []string{}}
	if d.archived {
		stop() // nobody is counted for it until it is restored
	}
	if d.rule == nil {
		m.Live = s.engine.AwaitLive(wait, d.key, func() bool { return s.engine.Knows(d.key) })
		m.Sentence = "People chosen by hand."
		m.Sentences = map[string]string{"en": m.Sentence, "ko": "직접 고른 사람들.", "th": "คนที่เลือกไว้เอง"}
	} else {
		m.Live = s.engine.AwaitLive(wait, d.key, func() bool { return s.engine.Follows(d.key, d.rule) })
		m.Sentences = sentences(d.rule, c)
		m.Sentence = m.Sentences["en"]
		m.Warnings = append(m.Warnings, rule.Warnings(d.rule, c)...)
	}
	m.Members = s.engine.Recall.Size(d.key)
	return m
}

func sentences(r *rule.Rule, c *rule.Catalog) map[string]string {
	all := map[string]string{}
	for _, lang := range languages {
		all[lang] = rule.Sentence(r, c, lang)
	}
	return all
}

// Update changes a segment; what is empty stays as it is.
func (s *Service) Update(ctx context.Context, slug string, d Draft) (*Made, error) {
	def, c, err := s.update(ctx, slug, d)
	if err != nil {
		return nil, err
	}
	return s.made(ctx, def, c), nil
}

func (s *Service) update(ctx context.Context, slug string, d Draft) (*definition, *rule.Catalog, error) {
	s.defining.Lock()
	defer s.defining.Unlock()
	def, err := s.definition(ctx, slug)
	if err != nil {
		return nil, nil, err
	}
	if def.locked {
		return nil, nil, fault.Newf(fault.Conflict, "audience.locked", "the segment %q is locked", slug).Then("Unlock it first: `dangol segment unlock " + slug + "`.")
	}
	c, _, err := s.engine.Catalogue(ctx)
	if err != nil {
		return nil, nil, err
	}
	if len(d.Rule) > 0 {
		if def.kind == byHand {
			return nil, nil, fault.Newf(fault.Invalid, "audience.by_hand", "the people of %q are chosen by hand; it has no rule", slug).At(fault.Place{Field: "rule"}).Then("Make another segment.")
		}
		list, err := s.definitions(ctx)
		if err != nil {
			return nil, nil, err
		}
		if def.rule, err = rule.Parse(d.Rule); err != nil {
			return nil, nil, ruleFault(err)
		}
		if err := mayBe(&def, list, c); err != nil {
			return nil, nil, err
		}
		def.text = string(d.Rule)
	}
	if d.Name != "" {
		def.name = d.Name
	}
	if d.Description != "" {
		def.description = d.Description
	}
	if err := s.put(ctx, &def); err != nil {
		return nil, nil, err
	}
	return &def, c, nil
}

func (s *Service) put(ctx context.Context, d *definition) error {
	var changed int64
	err := s.store.In(ctx, func(tx *store.Tx) (err error) {
		changed, err = tx.Exec(ctx, "audience.PutSegment", int64(d.key), d.name, d.description, d.text, flag(d.locked), flag(d.archived), s.clock().UnixMicro(), rest.Caller(ctx).Name, d.version)
		return err
	})
	if err != nil {
		return fmt.Errorf("change segment: %w", err)
	}
	if changed == 0 {
		return fault.Newf(fault.Stale, "audience.changed_meanwhile", "somebody else changed the segment %q meanwhile", d.slug).Then("Look at it again, then change it.")
	}
	s.engine.Changed()
	return nil
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Act locks, unlocks, archives or restores a segment. One that others name cannot be archived.
func (s *Service) Act(ctx context.Context, slug, verb string) error {
	s.defining.Lock()
	defer s.defining.Unlock()
	d, err := s.definition(ctx, slug)
	if err != nil {
		return err
	}
	switch verb {
	case "lock", "unlock":
		d.locked = verb == "lock"
	case "archive":
		if d.locked {
			return fault.Newf(fault.Conflict, "audience.locked", "the segment %q is locked", slug).Then("Unlock it first.")
		}
		users, err := s.Dependants(ctx, slug)
		if err != nil {
			return err
		}
		if len(users) > 0 {
			return fault.Newf(fault.Conflict, "audience.in_use", "the segment %q is named by %s", slug, strings.Join(users, ", ")).Then("Change those first.")
		}
		d.archived = true
	case "restore":
		if err := s.mayReturn(ctx, &d); err != nil {
			return err
		}
		d.archived = false
	}
	return s.put(ctx, &d)
}

// Dependants are the segments whose rules name this one.
func (s *Service) Dependants(ctx context.Context, slug string) ([]string, error) {
	list, err := s.definitions(ctx)
	if err != nil {
		return nil, err
	}
	users := []string{}
	for i := range list {
		if !list[i].archived && namesSegment(list[i].rule, slug) {
			users = append(users, list[i].slug)
		}
	}
	return users, nil
}

// namesSegment tells whether a rule names a segment.
func namesSegment(r *rule.Rule, slug string) bool {
	return slices.Contains(segmentsIn(r), slug)
}

// ruleOf says a condition on the state of customers in the language of rules.
func ruleOf(c query.Condition) map[string]any {
	many := func(list []query.Condition) []any {
		out := []any{}
		for _, sub := range list {
			out = append(out, ruleOf(sub))
		}
		return out
	}
	switch {
	case c.Not != nil:
		return map[string]any{"not": ruleOf(*c.Not)}
	case len(c.And) > 0:
		return map[string]any{"and": many(c.And)}
	case len(c.Or) > 0:
		return map[string]any{"or": many(c.Or)}
	}
	out := map[string]any{"score": c.Trait, "op": string(c.Op)}
	if c.Op != query.IsSet {
		out["value"] = c.Value
	}
	return out
}
