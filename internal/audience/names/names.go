// Package names learns what rules can name from the facts that come: events with their properties, and attributes, with the
// kind of their values and some samples. It keeps no fact and its size is bounded; what is beyond a bound is not learned.
// Of what names or reaches a person there are no samples, and when somebody is erased all samples go: nobody knows whose they were.
package names

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unsafe"

	"github.com/tidwall/gjson"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/query/rule"
)

// The bounds.
const (
	maxEvents     = 5_000
	maxProperties = 300 // of one event, and attributes
	maxSamples    = 5
	maxSampleText = 60
	maxNameText   = 120
	maxNesting    = 2 // objects within objects
)

// Of an event that came more often than eachUntil since the start, one fact in everyThen is looked at: a property that is
// missed is only one that the builder does not suggest.
const (
	eachUntil = 2_000
	everyThen = 16
)

// Property is what is known of a property or an attribute.
type Property struct {
	Kind    rule.Kind `json:"kind"`
	Samples []string  `json:"samples,omitempty"`
	Mixed   bool      `json:"mixed,omitempty"` // values of several kinds came: any operator may be tried
	about   about
}

// Entry is what is known of an event; of the entry of attributes the properties are those.
type Entry struct {
	Properties map[string]*Property `json:"properties"`
	FirstUS    int64                `json:"first_us"`
	seen       uint64               // facts, since the start
}

// Book holds what was learned. One goroutine learns; others read copies of it.
type Book struct {
	events     map[string]*Entry
	attributes *Entry
	changed    map[*Entry]string // since Changed was asked; under the names of keeping
	path       []byte
}

// AttributesName is under which the attributes are kept, EventPrefix before the name of each event.
const (
	AttributesName = "attributes"
	EventPrefix    = "event/"
)

// New is an empty book.
func New() *Book {
	return &Book{events: map[string]*Entry{}, attributes: newEntry(0), changed: map[*Entry]string{}}
}

func newEntry(at int64) *Entry { return &Entry{Properties: map[string]*Property{}, FirstUS: at} }

// Load takes in an entry as it was kept.
func (b *Book) Load(name string, text []byte) error {
	e := newEntry(0)
	if err := json.Unmarshal(text, e); err != nil {
		return err
	}
	if name == AttributesName {
		b.attributes = e
	} else if event, ok := strings.CutPrefix(name, EventPrefix); ok {
		b.events[event] = e
	}
	for path, p := range e.Properties { // an earlier version kept them
		n := len(p.Samples)
		if p.about = aboutOf(name == AttributesName, path); p.about == person {
			p.Samples = nil
		}
		if p.Samples = slices.DeleteFunc(p.Samples, reaches); len(p.Samples) < n {
			b.changed[e] = name
		}
	}
	return nil
}

// DropSamples forgets every sample. All entries count as changed, for what was kept of them last may not be what is here.
func (b *Book) DropSamples() {
	drop := func(e *Entry, name string) {
		b.changed[e] = name
		for _, p := range e.Properties {
			p.Samples = nil
		}
	}
	drop(b.attributes, AttributesName)
	for name, e := range b.events {
		drop(e, EventPrefix+name)
	}
}

// Changed gives the entries that changed since it was asked last, as they are kept.
func (b *Book) Changed(keep func(name string, text []byte) error) error {
	if len(b.changed) == 0 {
		return nil
	}
	for e, name := range b.changed {
		text, err := json.Marshal(e)
		if err != nil {
			return err
		}
		if err := keep(name, text); err != nil {
			return err
		}
	}
	clear(b.changed)
	return nil
}

// Learn takes in a fact and tells whether there was anything new in it.
func (b *Book) Learn(f *event.Fact) bool {
	switch f.Type {
	case event.Identify:
		return b.learn(b.attributes, AttributesName, f.Props)
	case event.Track, event.Page, event.Screen:
	default:
		return false
	}
	e := b.events[f.Name]
	fresh := e == nil
	if fresh {
		if len(b.events) >= maxEvents || len(f.Name) > maxNameText {
			return false
		}
		e = newEntry(f.ReceivedUS)
		name := strings.Clone(f.Name)
		b.events[name] = e
		b.changed[e] = EventPrefix + name
	}
	return b.learn(e, EventPrefix+f.Name, f.Props) || fresh
}

func (b *Book) learn(e *Entry, name string, object []byte) bool {
	if e.seen++; len(object) <= 2 || (e.seen > eachUntil && e.seen%everyThen != 0) {
		return false
	}
	b.path = b.path[:0]
	if !b.object(e, gjson.Parse(unsafe.String(unsafe.SliceData(object), len(object))), 0) { //nolint:gosec // what is kept of it is copied
		return false
	}
	b.changed[e] = strings.Clone(name)
	return true
}

// object learns the members of an object; those of objects within it go by dotted names.
func (b *Book) object(e *Entry, o gjson.Result, depth int) (changed bool) {
	before := len(b.path)
	o.ForEach(func(k, v gjson.Result) bool {
		b.path = append(b.path[:before], k.Str...)
		if v.IsObject() && depth < maxNesting {
			b.path = append(b.path, '.')
			changed = b.object(e, v, depth+1) || changed
			return true
		}
		if v.Type == gjson.Null || len(b.path) > maxNameText {
			return true
		}
		p := e.Properties[string(b.path)]
		if p == nil {
			if len(e.Properties) >= maxProperties {
				return true
			}
			p = &Property{}
			e.Properties[string(b.path)] = p
			p.Kind = kindOf(v)
			changed = true
		}
		if p.about == unknown {
			p.about = aboutOf(e == b.attributes, string(b.path))
		}
		changed = p.learn(v) || changed
		return true
	})
	b.path = b.path[:before]
	return changed
}

// learn takes in a value.
func (p *Property) learn(v gjson.Result) (changed bool) {
	if !p.Mixed && !p.agrees(v) {
		p.Mixed, p.Kind, changed = true, rule.Unknown, true
	}
	if p.about != person && len(p.Samples) < maxSamples && !v.IsObject() && !v.IsArray() {
		text := v.Raw
		if v.Type == gjson.String {
			text = v.Str
		}
		if text != "" && len(text) <= maxSampleText && !slices.Contains(p.Samples, text) && !reaches(text) {
			p.Samples, changed = append(p.Samples, strings.Clone(text)), true
		}
	}
	return changed
}

// agrees tells whether a value is of the kind of those before, without reading more of it than that needs.
func (p *Property) agrees(v gjson.Result) bool {
	switch v.Type {
	case gjson.Number:
		return p.Kind == rule.Number
	case gjson.True, gjson.False:
		return p.Kind == rule.Flag
	case gjson.String:
		if p.Kind == rule.Text {
			return true // a text may be anything
		}
		return p.Kind != rule.Number && p.Kind != rule.Flag && kindOf(v) == p.Kind
	}
	return p.Kind == rule.Text
}

// kindOf reads the kind of a value. A text of digits may be a number or a code, so that any operator may be tried on it.
func kindOf(v gjson.Result) rule.Kind {
	switch v.Type {
	case gjson.Number:
		return rule.Number
	case gjson.True, gjson.False:
		return rule.Flag
	case gjson.String:
		if _, ok := rule.ReadTime(v.Str); ok {
			return rule.Time
		}
		if rule.ValueOf(v.Str).Num {
			return rule.Unknown
		}
	}
	return rule.Text
}

// Events are what rules can name, with the keys that the warehouse gave.
func (b *Book) Events(keys map[string]uint32) map[string]rule.Event {
	out := make(map[string]rule.Event, len(b.events))
	for name, e := range b.events {
		out[name] = rule.Event{Key: keys[name], Properties: e.kinds()}
	}
	return out
}

// Attributes are those that identify calls gave, with their kinds.
func (b *Book) Attributes() map[string]rule.Kind { return b.attributes.kinds() }

func (e *Entry) kinds() map[string]rule.Kind {
	out := make(map[string]rule.Kind, len(e.Properties))
	for name, p := range e.Properties {
		out[name] = p.Kind
	}
	return out
}

// Copy is a book that can be read while the other learns.
func (b *Book) Copy() *Book {
	c := New()
	c.attributes = b.attributes.copy()
	for name, e := range b.events {
		c.events[name] = e.copy()
	}
	return c
}

func (e *Entry) copy() *Entry {
	c := newEntry(e.FirstUS)
	for name, p := range e.Properties {
		c.Properties[name] = &Property{Kind: p.Kind, Samples: slices.Clone(p.Samples), Mixed: p.Mixed}
	}
	return c
}

// Names of the events, in order.
func (b *Book) Names() []string { return slices.Sorted(maps.Keys(b.events)) }

// Event is what is known of one; nil is nothing.
func (b *Book) Event(name string) *Entry { return b.events[name] }

// AttributeEntry is what is known of attributes.
func (b *Book) AttributeEntry() *Entry { return b.attributes }
