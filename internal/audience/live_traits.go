package audience

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/store"
)

func traitOf(t rule.Named, c *rule.Catalog, own bool) NamedTrait {
	kind, err := rule.CheckTrait(t.Trait, c)
	if err != nil {
		kind = rule.Unknown
	}
	n := NamedTrait{Name: t.Name, Labels: t.Labels, Label: t.Labels["en"], Kind: string(kind), Unit: string(t.Unit), Own: own, Sentences: map[string]string{}}
	for _, lang := range languages {
		n.Sentences[lang] = t.Trait.Sentence(c, lang)
	}
	n.Sentence = n.Sentences["en"]
	if n.Trait, err = json.Marshal(t.Trait); err != nil {
		n.Trait = nil // of JSON that was read before
	}
	if n.Labels == nil {
		n.Labels = map[string]string{}
	}
	if n.Label == "" {
		n.Label = t.Name
	}
	return n
}

// TraitDraft is a trait of the workspace's own.
type TraitDraft struct {
	Name string `json:"name" maxLength:"60" doc:"small letters, digits and underscores"`
	TraitChange
}

// TraitChange is what can be changed about one.
type TraitChange struct {
	Labels map[string]string `json:"labels,omitempty" doc:"by language: en, ko, th"`
	Unit   string            `json:"unit,omitempty" maxLength:"20"`
	Trait  json.RawMessage   `json:"trait" doc:"what to take of which facts"`
}

var traitNames = regexp.MustCompile(`^[a-z][a-z0-9_]{0,59}$`)

// stillHold checks what names a trait, by itself or through others, against what it is to be.
func (s *Service) stillHold(ctx context.Context, c, after *rule.Catalog) error {
	list, err := s.definitions(ctx)
	if err != nil {
		return err
	}
	if what, name, why := firstBroken(list, c, after); why != nil {
		return fault.Newf(fault.Conflict, "audience.trait_breaks", "with this the rule of the %s %s could not be answered any more: %s", what, name, fault.From(why).Sentence).
			At(fault.Place{Field: "trait"}).Then("Change that one first, or make a trait of another name.")
	}
	return nil
}

// FindTrait finds a trait by its name, one built in too.
func (s *Service) FindTrait(ctx context.Context, name string) (*NamedTrait, error) {
	n, err := s.Names(ctx)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(n.Traits, func(t NamedTrait) bool { return t.Name == name }); i >= 0 {
		return &n.Traits[i], nil
	}
	return nil, unknownTrait(name)
}

// KeepTrait makes a trait, or changes one of the workspace's own.
func (s *Service) KeepTrait(ctx context.Context, d TraitDraft, fresh bool) (*NamedTrait, error) {
	s.defining.Lock()
	defer s.defining.Unlock()
	if !traitNames.MatchString(d.Name) {
		return nil, fault.New(fault.Invalid, "audience.bad_trait_name", "a trait's name is made of small letters, digits and underscores").At(fault.Place{Field: "name", Value: d.Name})
	}
	t, err := rule.ParseTrait(d.Trait)
	if err != nil {
		return nil, ruleFault(err)
	}
	c, _, err := s.engine.Catalogue(ctx)
	if err != nil {
		return nil, err
	}
	if _, there := c.Traits[d.Name]; there && fresh {
		return nil, fault.Newf(fault.Conflict, "audience.trait_taken", "there is a trait %q already", d.Name).At(fault.Place{Field: "name", Value: d.Name}).Then("Choose another name.")
	}
	if slices.ContainsFunc(rule.BuiltIn(), func(t rule.Named) bool { return t.Name == d.Name }) {
		return nil, fault.Newf(fault.Forbidden, "audience.trait_built_in", "the trait %q is built in and cannot be changed", d.Name).Then("Make one of another name.")
	}
	own := rule.Named{Name: d.Name, Labels: d.Labels, Unit: query.Unit(d.Unit), Trait: t}
	after := c
	if !fresh {
		after = withTrait(c, own) // so that naming itself is found
	}
	if _, err := rule.CheckTrait(t, after); err != nil {
		return nil, ruleFault(err)
	}
	if err := s.stillHold(ctx, c, after); err != nil {
		return nil, err
	}
	labels, err := json.Marshal(d.Labels)
	if err != nil {
		return nil, fmt.Errorf("trait: %w", err)
	}
	unit, err := json.Marshal(d.Unit)
	if err != nil {
		return nil, fmt.Errorf("trait: %w", err)
	}
	now, who := s.clock().UnixMicro(), rest.Caller(ctx).Name
	var changed int64
	err = s.store.In(ctx, func(tx *store.Tx) (err error) {
		if fresh {
			changed, err = tx.Exec(ctx, "audience.AddTrait", d.Name, string(labels), string(unit), string(d.Trait), now, who)
			return err
		}
		changed, err = tx.Exec(ctx, "audience.PutTrait", d.Name, string(labels), string(unit), string(d.Trait), now, who)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("keep trait: %w", err)
	}
	if changed == 0 {
		return nil, unknownTrait(d.Name)
	}
	s.engine.Changed()
	n := traitOf(own, after, true)
	return &n, nil
}

func unknownTrait(name string) error {
	return fault.Newf(fault.NotFound, "audience.unknown_trait", "there is no trait %q", name).Then("See GET /v1/traits, or `dangol trait list`.")
}

// DropTrait forgets a trait of the workspace's own that no segment names.
func (s *Service) DropTrait(ctx context.Context, name string) error {
	s.defining.Lock()
	defer s.defining.Unlock()
	list, c, err := s.defined(ctx)
	if err != nil {
		return err
	}
	users := usersOf(name, list, c)
	if len(users.Traits) > 0 {
		return fault.Newf(fault.Conflict, "audience.trait_in_use", "the trait %q is named by the trait %s", name, users.Traits[0]).Then("Change that one first.")
	}
	if len(users.Segments) > 0 {
		return fault.Newf(fault.Conflict, "audience.trait_in_use", "the trait %q is named by the segment %s", name, users.Segments[0]).Then("Change that one first.")
	}
	var gone int64
	err = s.store.In(ctx, func(tx *store.Tx) (err error) {
		gone, err = tx.Exec(ctx, "audience.DropTrait", name)
		return err
	})
	if err != nil {
		return fmt.Errorf("drop trait: %w", err)
	}
	if gone == 0 {
		return unknownTrait(name)
	}
	s.engine.Changed()
	return nil
}

// namesTrait tells whether a rule names a trait.
func namesTrait(r *rule.Rule, name string) bool {
	if r == nil {
		return false
	}
	if ofTrait(r.Trait, name) || namesTrait(r.Not, name) {
		return true
	}
	return slices.ContainsFunc(slices.Concat(r.And, r.Or), func(sub *rule.Rule) bool { return namesTrait(sub, name) })
}

func ofTrait(t *rule.Trait, name string) bool {
	return t != nil && (t.Name == name || ofTrait(t.To, name))
}
