package flow

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/tidwall/gjson"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/store"
)

// Kept is an event that is set aside, or waits as a dead letter, and names a person.
type Kept struct {
	Place                  string // of a dead letter its seq
	ReceivedAt             time.Time
	Source                 string
	Name, Reason, Sentence string
	Content                string // as it was sent; empty where it may tell of others
	Note                   string // why there is no content
}

const (
	reasonLetter = "dead_letter"
	notHersAlone = "It names her, and may be another's: look at it with dangol quarantine show, or dangol dead-letter, before handing it out."
)

// KeptOf lists what Erase would drop of a person. Erasing takes too much rather than too little; handing out does the opposite: of
// what does not say of itself that it is hers there is only the line, since it may be somebody else's data.
func (f *Flow) KeptOf(ctx context.Context, who *event.Named) (list []Kept, err error) {
	err = f.naming(ctx, who, func(q *Quarantined) {
		k := Kept{Place: q.Place, ReceivedAt: q.ReceivedAt, Source: q.Source, Name: q.Name, Reason: q.Reason, Sentence: q.Sentence}
		k.fill(who, q.Raw, q.shared)
		list = append(list, k)
	})
	if err != nil {
		return nil, fmt.Errorf("export what was set aside: %w", err)
	}
	var letters []letter
	err = f.Records.View(ctx, func(tx *store.Tx) (err error) {
		letters, err = lettersIn(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("export dead letters: %w", err)
	}
	for _, l := range letters {
		list = append(list, l.of(who)...)
	}
	return list, nil
}

// of lists the events of a dead letter that name a person.
func (l *letter) of(who *event.Named) (list []Kept) {
	k := Kept{Place: strconv.FormatInt(l.seq, 10), Reason: reasonLetter, Sentence: "It waits in a message on which a stage failed each time."}
	requests, err := event.ReadGroup(l.raw)
	if err != nil {
		if who.In(l.raw) {
			k.Note = notHersAlone
			list = append(list, k)
		}
		return list
	}
	for _, r := range requests {
		k.ReceivedAt, k.Source = time.UnixMicro(r.Header.ReceivedUS).UTC(), r.Header.Source
		shared := who.In(r.Header.Shared)
		for _, e := range r.Events {
			if shared || who.In(e) {
				one := k
				one.Name = gjson.GetBytes(e, "event").String()
				one.fill(who, string(e), string(r.Header.Shared))
				list = append(list, one)
			}
		}
	}
	return list
}

func (k *Kept) fill(who *event.Named, raw, shared string) {
	if says(who, raw, shared) {
		k.Content = raw
	} else {
		k.Note = notHersAlone
	}
}

// says tells whether an event says of itself that it is a person's: in the fields by which events are known, and not merely in what
// happened. A user id that is not hers makes it another's.
func says(who *event.Named, raw, shared string) bool {
	if !gjson.Valid(raw) || !gjson.Parse(raw).IsObject() {
		return false
	}
	names := func(text, field string) bool {
		v := gjson.Get(text, field)
		return v.Exists() && who.In([]byte(`{"`+field+`":`+v.Raw+`}`))
	}
	if gjson.Get(raw, "userId").String() != "" && !names(raw, "userId") {
		return false
	}
	for _, field := range []string{"userId", "anonymousId", "previousId", "traits", "context.externalIds", "context.traits"} {
		if names(raw, field) || gjson.Valid(shared) && names(shared, field) {
			return true
		}
	}
	return false
}
