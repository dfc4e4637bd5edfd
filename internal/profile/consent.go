package profile

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/profile/consent"
	"github.com/dangol/dangol/internal/store"
)

// The states of a consent.
const (
	Given     = "given"
	Withdrawn = "withdrawn"
	Unknown   = "unknown"
)

// What an event need not say.
const (
	marketing     = "marketing"
	emailChannel  = "email"
	maxProof      = 2000
	noticeConsent = "Consent Changed"
)

// Consent writes what a person said by hand or on a form: ref is any of her identities.
func (r *Registry) Consent(ctx context.Context, ref string, c Consent, who string) ([]Consent, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	o, err := r.origin(ctx, ref)
	if err != nil {
		return nil, err
	}
	if !r.asked.Familiar(c.Channel, c.State == Given) {
		return nil, consent.Unfamiliar(c.Channel)
	}
	r.graph.Adopt(o)
	key := r.graph.Person(o)
	now := r.clock()
	if c.At.IsZero() || c.At.After(now) {
		c.At = now
	}
	a := act{origin: o, scope: r.graph.Members(key), purpose: c.Purpose, state: c.State, atUS: c.At.UnixMicro(), source: cmp.Or(c.Source, who), proof: c.Proof}
	s := step{who: who, audits: []audit{{who: who, what: "consent " + c.State + " " + c.Purpose + " " + c.Channel, subject: int64(o), why: c.Proof}}}
	for _, a.channel = range r.asked.Reach(c.Channel, c.State == Given) {
		s.acts = append(s.acts, a)
		r.ask(&a)
	}
	if err := r.commit(ctx, &s); err != nil {
		return nil, wrap("keep a consent", err)
	}
	r.wake()
	var list []Consent
	err = r.store.View(ctx, func(tx *store.Tx) error {
		held, err := consentsOf(ctx, tx, r.graph.Members(key))
		list = listConsents(held)
		return err
	})
	return list, wrap("consents", err)
}

func (c *Consent) check() error {
	c.Purpose, c.Channel = word(c.Purpose, marketing), word(c.Channel, "")
	c.Source, c.Proof = cleanText(c.Source), cleanProof(c.Proof)
	for field, value := range map[string]string{"purpose": c.Purpose, "channel": c.Channel} {
		if !consentWord.MatchString(value) {
			return fault.Newf(fault.Invalid, "profile.bad_consent", "the %s is not a word of small letters, digits, dots, dashes and underscores", field).
				At(fault.Place{Field: field, Value: value}).Then("Write e.g. marketing and email.")
		}
	}
	switch c.State {
	case Given, Withdrawn, Unknown:
		return nil
	}
	return fault.New(fault.Invalid, "profile.bad_consent", "the state is not one of given, withdrawn, unknown").
		At(fault.Place{Field: "state", Value: c.State}).Then("Write given or withdrawn.")
}

func cleanProof(s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "�")
	if len(s) > maxProof {
		s = strings.ToValidUTF8(s[:maxProof], "")
	}
	return s
}

var consentWord = regexp.MustCompile(`^[a-z][a-z0-9_.-]{0,39}$`)

// Consent is what a person says of one purpose on one channel.
type Consent struct {
	Purpose string    `json:"purpose"`
	Channel string    `json:"channel"`
	State   string    `json:"state" enum:"given,withdrawn,unknown"`
	At      time.Time `json:"at"`
	Source  string    `json:"source" doc:"where she said it: a key, a form, an import"`
	Proof   string    `json:"proof" doc:"what shows it: the text she saw, a link, an address"`
}

// act is one giving or withdrawing.
type act struct {
	origin                  uint32
	scope                   []uint32 // the person's origins at the time
	purpose, channel, state string
	atUS                    int64
	source, proof           string
}

// actOf reads the events by which people give and withdraw consent; ok is false of others.
func actOf(f *event.Fact, o uint32) (a act, ok bool) {
	a = act{origin: o, state: Given, atUS: f.AtUS, source: f.Source}
	if f.Type != event.Track {
		return a, false
	}
	switch f.Name {
	case "Consent Given":
	case "Consent Withdrawn", "Unsubscribed":
		a.state = Withdrawn
	default:
		return a, false
	}
	values := gjson.GetManyBytes(f.Props, "purpose", "channel", "proof", "source")
	a.purpose, a.channel = word(values[0].String(), marketing), word(values[1].String(), "")
	if a.channel == "" && f.Name == "Unsubscribed" {
		a.channel = emailChannel
	}
	if a.proof = cleanProof(values[2].String()); a.proof == "" && f.Name == "Unsubscribed" {
		a.proof = cleanText("event " + f.MessageID)
	}
	if via := cleanText(values[3].String()); via != "" {
		a.source = via
	}
	if a.channel == "" && a.state == Withdrawn {
		a.channel = consent.All // what she did not restrict is not
	}
	return a, true
}

// takeConsent keeps what an event says of consent, and tells whether it can be kept. Of one that comes again it tells the same as
// when it came first, whatever was said since.
func (r *Registry) takeConsent(ctx context.Context, s *step, f *event.Fact, o uint32, again bool) (bool, error) {
	a, about := actOf(f, o)
	switch {
	case !about || o == Nobody:
		return true, nil
	case !consentWord.MatchString(a.purpose) || !consentWord.MatchString(a.channel):
		return false, nil
	case again && !consent.Named(a.channel) && a.channel != consent.All:
		return r.kept(ctx, &a)
	case again:
		return true, nil
	case !r.asked.Familiar(a.channel, a.state == Given):
		return false, nil
	}
	a.scope = r.graph.Members(r.graph.Person(o))
	for _, a.channel = range r.asked.Reach(a.channel, a.state == Given) {
		s.acts = append(s.acts, a)
		r.ask(&a)
	}
	return true, nil
}

// ask remembers what consent was given to. A commit that fails makes the registry read it anew.
func (r *Registry) ask(a *act) {
	if a.state == Given {
		r.asked.Gave(a.purpose, a.channel)
	}
}

// kept tells whether an act is in the records.
func (r *Registry) kept(ctx context.Context, a *act) (found bool, err error) {
	err = r.store.View(ctx, func(tx *store.Tx) (err error) {
		var number int64
		found, err = tx.One(ctx, "profile.FindConsent", store.Args{int64(a.origin), a.purpose, a.channel, a.state, a.atUS}, &number)
		return err
	})
	return found, wrap("look up a consent", err)
}

// hint says what a purpose was perhaps meant to be.
func (r *Registry) hint(ctx context.Context, purpose string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return "", err
	}
	return r.asked.Hint(word(purpose, marketing)), nil
}

func word(s, otherwise string) string {
	if s = strings.ToLower(strings.TrimSpace(s)); s == "" {
		return otherwise
	}
	return strings.ReplaceAll(s, " ", "_")
}

// borne is an act as it bears on one origin.
type borne struct {
	number, made            int64
	purpose, channel, state string
	atUS                    int64
	source, proof           string
}

func (b *borne) before(c *borne) bool {
	return cmp.Or(cmp.Compare(b.atUS, c.atUS), cmp.Compare(b.number, c.number)) < 0
}

// pair is what one consent is about.
type pair struct{ purpose, channel string }

// consentsOf works out the consents of the person who has the origins. Pairs of which nothing holds are unknown.
func consentsOf(ctx context.Context, tx *store.Tx, members []uint32) (map[pair]borne, error) {
	acts := map[uint32][]borne{}
	for _, o := range members {
		list, err := store.Collect(ctx, tx, "profile.EachConsent", store.Args{int64(o)}, func(scan store.Scan) (b borne, err error) {
			err = scan(&b.number, &b.made, &b.purpose, &b.channel, &b.state, &b.atUS, &b.source, &b.proof)
			return b, err
		})
		if err != nil {
			return nil, err
		}
		if len(list) > 0 {
			acts[o] = list
		}
	}
	return reckon(acts, members), nil
}

// reckon applies the rule of the package's description to the acts that bear on each origin of a person.
func reckon(acts map[uint32][]borne, members []uint32) map[pair]borne {
	own := func(made int64) bool { return slices.Contains(members, uint32(made)) }
	held := map[pair]borne{}
	for _, o := range members {
		last, lifting := map[pair]*borne{}, map[pair]*borne{}
		for i := range acts[o] {
			b := &acts[o][i]
			p := pair{b.purpose, b.channel}
			switch {
			case b.state == Withdrawn || b.made == int64(o):
				if l := last[p]; l == nil || l.before(b) {
					last[p] = b
				}
			case own(b.made):
				if l := lifting[p]; l == nil || l.before(b) {
					lifting[p] = b
				}
			}
		}
		for p, b := range last {
			if l := lifting[p]; l != nil && b.state == Withdrawn && b.before(l) {
				b = l
			}
			if h, found := held[p]; !found || weight(b) > weight(&h) || weight(b) == weight(&h) && h.before(b) {
				held[p] = *b
			}
		}
	}
	return held
}

// weight orders states by how much they restrict.
func weight(b *borne) int {
	switch b.state {
	case Withdrawn:
		return 2
	case Given:
		return 1
	}
	return 0
}

// listConsents orders consents by what they are about.
func listConsents(held map[pair]borne) []Consent {
	list := []Consent{}
	for p := range held {
		b := held[p]
		list = append(list, Consent{Purpose: p.purpose, Channel: p.channel, State: b.state, At: time.UnixMicro(b.atUS).UTC(), Source: b.source, Proof: b.proof})
	}
	slices.SortFunc(list, func(a, b Consent) int {
		return cmp.Or(strings.Compare(a.Purpose, b.Purpose), strings.Compare(a.Channel, b.Channel))
	})
	return list
}

// consents writes the acts of a step, and tells what became of the people's consents.
func (w *writing) consents(ctx context.Context) error {
	if len(w.acts) == 0 && len(w.restate) == 0 {
		return nil
	}
	changed := map[uint32]map[pair]bool{} // what was said of a person; nil for all that is known of her
	var order []uint32
	for i := range w.acts {
		a := &w.acts[i]
		number := w.next(counterAct)
		for _, o := range a.scope {
			if _, err := w.tx.Exec(ctx, "profile.InsertConsent", int64(o), number, int64(a.origin), a.purpose, a.channel, a.state, a.atUS, a.source, a.proof); err != nil {
				return err
			}
			key := w.graph.Person(o)
			if changed[key] == nil {
				changed[key] = map[pair]bool{}
				order = append(order, key)
			}
			changed[key][pair{a.purpose, a.channel}] = true
		}
	}
	for _, o := range w.restate {
		key := w.graph.Person(o)
		if _, found := changed[key]; !found {
			order = append(order, key)
		}
		changed[key] = nil
	}
	return w.restateAll(ctx, order, changed)
}

func (w *writing) restateAll(ctx context.Context, order []uint32, changed map[uint32]map[pair]bool) error {
	held, every := map[uint32]map[pair]borne{}, map[pair]bool{}
	for _, key := range order {
		var err error
		if held[key], err = consentsOf(ctx, w.tx, w.graph.Members(key)); err != nil {
			return err
		}
		for p := range held[key] {
			if only := changed[key]; only != nil && !only[p] {
				delete(held[key], p)
			}
			every[p] = true
		}
	}
	for _, key := range order {
		if w.undone { // what only the other side knows was told of this one too
			for p := range every {
				if _, found := held[key][p]; !found {
					held[key][p] = borne{state: Unknown}
				}
			}
		}
		w.tellConsents(key, held[key])
	}
	return nil
}

// tellConsents adds the messages that say what a person's consents are now.
func (w *writing) tellConsents(key uint32, held map[pair]borne) {
	for _, c := range listConsents(held) {
		properties := map[string]any{"purpose": c.Purpose, "channel": c.Channel, "state": c.State, "source": c.Source}
		if c.At.UnixMicro() > 0 {
			properties["at"] = c.At.Format(time.RFC3339Nano)
		}
		w.told = append(w.told, message{name: noticeConsent, key: key, properties: properties})
	}
}
