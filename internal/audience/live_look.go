package audience

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"golang.org/x/sync/errgroup"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/ref"
	"github.com/dangol/dangol/internal/recall"
)

// SamplePerson is somebody a rule holds of.
type SamplePerson struct {
	Customer string `json:"customer"`
	Name     string `json:"name"`
	Email    string `json:"email"`
}

// Preview is what a rule would make.
type Preview struct {
	Count         int64             `json:"count"`
	Estimate      *Estimate         `json:"estimate,omitempty" doc:"how sure the count is; not there where all people were asked: then it is exact"`
	CountMonthAgo *int64            `json:"count_month_ago" doc:"30 days before, by what had happened then; null where only now was asked for"`
	People        int64             `json:"people" doc:"everybody"`
	Share         float64           `json:"share"`
	AsOf          time.Time         `json:"as_of" doc:"the instant that is counted for: where counting takes long, conditions counted within the minute before are not counted again"`
	Sentence      string            `json:"sentence"`
	Sentences     map[string]string `json:"sentences"`
	Warnings      []string          `json:"warnings"`
	Sample        []SamplePerson    `json:"sample" doc:"ten at most"`
	TookMS        float64           `json:"took_ms"`
}

const previewSample = 10

// PreviewOptions say how much of a preview somebody waits for.
type PreviewOptions struct {
	NowOnly bool `json:"now_only,omitempty" doc:"leave out how many a month ago, which is asked for when nobody types any more"`
	Soon    bool `json:"soon,omitempty" doc:"ask some people, drawn by chance, where asking all takes longer than somebody who types waits; the answer then has an estimate. How many a month ago is left out. Ask again without it for the exact count"`
}

// Preview counts who a rule holds of, changing nothing.
func (s *Service) Preview(ctx context.Context, text json.RawMessage, o PreviewOptions) (*Preview, error) {
	began := s.clock()
	r, c, err := s.check(ctx, text)
	if err != nil {
		return nil, err
	}
	b, err := rule.Bind(r, c)
	if err != nil {
		return nil, ruleFault(err)
	}
	p := &Preview{People: s.engine.People(), Sentences: sentences(r, c), Warnings: append([]string{}, rule.Warnings(r, c)...), Sample: []SamplePerson{}}
	p.Sentence = p.Sentences["en"]
	hand := s.engine.HandTable(b)
	var asking errgroup.Group
	asking.Go(func() error { return s.countNow(ctx, p, b, hand, o.Soon) })
	if !o.NowOnly && !o.Soon {
		asking.Go(func() error {
			c, err := s.counted.monthAgo.count(ctx, s, question{rule: b, hand: hand, offset: -monthAgo, oneIn: 1})
			if err == nil {
				n := c.in.Count()
				p.CountMonthAgo = &n
			}
			return err
		})
	}
	if err := asking.Wait(); err != nil {
		return nil, err
	}
	if p.People > 0 {
		p.Share = float64(p.Count) / float64(p.People)
	}
	p.TookMS = float64(s.clock().Sub(began).Microseconds()) / 1000
	return p, nil
}

// countNow fills in what a preview tells of now.
func (s *Service) countNow(ctx context.Context, p *Preview, b *rule.Bound, hand string, soon bool) (err error) {
	var c *counted
	if soon {
		c, p.Estimate, err = s.countSoon(ctx, b, hand)
	} else {
		c, err = s.counted.now.count(ctx, s, question{rule: b, hand: hand, oneIn: 1})
	}
	if err != nil {
		return err
	}
	p.Count, p.AsOf = c.in.Count(), time.UnixMicro(c.asOfUS).UTC()
	if p.Estimate != nil {
		p.Count = p.Estimate.count
	}
	page, err := s.people(ctx, c.in.First(previewSample))
	for _, m := range page {
		p.Sample = append(p.Sample, m.SamplePerson)
	}
	return err
}

func (s *Service) eachRow(ctx context.Context, text string, args []any, take func(*sql.Rows) error) error {
	rows, err := s.warehouse.Ask(ctx, text, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := take(rows); err != nil {
			return fmt.Errorf("segments: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("segments: %w", err)
	}
	return nil
}

// liveSegment finds a segment's number, and its rule, nil where its people are chosen by hand; the built-in ones too.
func (s *Service) liveSegment(ctx context.Context, slug string) (key uint32, r *rule.Rule, err error) {
	list, err := s.definitions(ctx)
	if err != nil {
		return 0, nil, err
	}
	for i := range list {
		if list[i].slug == slug {
			return list[i].key, list[i].rule, nil
		}
	}
	for _, b := range builtInRules() {
		if b.Slug == slug {
			return b.Key, b.Rule, nil
		}
	}
	return 0, nil, unknownSegment(slug)
}

// Why says whether somebody is in a segment, and each of its conditions with her value.
type Why struct {
	Member     bool            `json:"member"`
	Since      *time.Time      `json:"since" doc:"null where she was there when the segment began, or is not in it"`
	Sentence   string          `json:"sentence"`
	Conditions []ref.Condition `json:"conditions"`
}

// Why explains.
func (s *Service) Why(ctx context.Context, slug string, customer uint32, lang string) (*Why, error) {
	key, r, err := s.liveSegment(ctx, slug)
	if err != nil {
		return nil, err
	}
	w := &Why{Member: s.engine.Recall.Contains(key, customer), Sentence: "People chosen by hand.", Conditions: []ref.Condition{}}
	if w.Since, err = s.since(key, customer); err != nil {
		return nil, err
	}
	if r == nil {
		return w, nil
	}
	c, _, err := s.engine.Catalogue(ctx)
	if err != nil {
		return nil, err
	}
	b, err := rule.Bind(r, c)
	if err != nil {
		return nil, ruleFault(err)
	}
	w.Sentence = rule.Sentence(r, c, lang)
	w.Conditions, err = s.engine.Explain(ctx, b, customer, lang)
	return w, err
}

func (s *Service) since(segment, customer uint32) (*time.Time, error) {
	if !s.engine.Recall.Contains(segment, customer) {
		return nil, nil
	}
	at, known, err := s.engine.Recall.Since(segment, customer)
	if err != nil || !known {
		return nil, err
	}
	t := time.UnixMicro(at).UTC()
	return &t, nil
}

// In is a segment that somebody is in.
type In struct {
	ID, Name string
	Since    *time.Time
}

// SegmentsOf lists the segments that a customer is in.
func (s *Service) SegmentsOf(ctx context.Context, customer uint32) ([]In, error) {
	known, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	var list []In
	for _, seg := range known.Segments {
		if !s.engine.Recall.Contains(seg.Key, customer) {
			continue
		}
		since, err := s.since(seg.Key, customer)
		if err != nil {
			return nil, err
		}
		list = append(list, In{seg.Slug, seg.Name, since})
	}
	return list, nil
}

// Member is one person of a segment.
type Member struct {
	SamplePerson
	Since *time.Time `json:"since"`
	key   uint32
}

// membersAtOnce is how many members are read together.
const membersAtOnce = 1000

// EachMember calls take with the members behind a key, in the order of keys, and at most limit of them (0: all). It returns the
// key of the last.
func (s *Service) EachMember(ctx context.Context, slug string, after int64, limit int, take func(*Member) error) (last int64, err error) {
	key, _, err := s.liveSegment(ctx, slug)
	if err != nil {
		return 0, err
	}
	bits := s.engine.Recall.Members(key).Iterator()
	if after >= 0 {
		bits.AdvanceIfNeeded(uint32(after + 1))
	}
	last = after
	for taken := 0; bits.HasNext() && (limit == 0 || taken < limit); {
		var keys []uint32
		for bits.HasNext() && len(keys) < membersAtOnce && (limit == 0 || taken < limit) {
			keys = append(keys, bits.Next())
			taken++
		}
		page, err := s.people(ctx, keys)
		if err != nil {
			return last, err
		}
		for _, k := range keys {
			last = int64(k)
			m := page[k]
			if m == nil {
				continue // gone since
			}
			if m.Since, err = s.since(key, k); err != nil {
				return last, err
			}
			if err := take(m); err != nil {
				return last, err
			}
		}
	}
	if !bits.HasNext() {
		last = -1
	}
	return last, nil
}

func (s *Service) people(ctx context.Context, keys []uint32) (map[uint32]*Member, error) {
	if len(keys) == 0 {
		return map[uint32]*Member{}, nil
	}
	texts := make([]string, len(keys))
	for i, k := range keys {
		texts[i] = fmt.Sprint(k)
	}
	page := make(map[uint32]*Member, len(keys))
	err := s.eachRow(ctx, `SELECT key, id, coalesce(name, ''), coalesce(email, '') FROM customer WHERE key IN (`+strings.Join(texts, ",")+`)`, nil, func(rows *sql.Rows) error {
		m := &Member{}
		err := rows.Scan(&m.key, &m.Customer, &m.Name, &m.Email)
		page[m.key] = m
		return err
	})
	return page, err
}

// Size is how large a segment was at the end of an hour, and who came and went in it.
type Size struct {
	At      time.Time `json:"at" doc:"the hour's beginning"`
	Size    int64     `json:"size"`
	Entered int64     `json:"entered"`
	Left    int64     `json:"left"`
}

// History lists the hours in which a segment changed, oldest first.
func (s *Service) History(ctx context.Context, slug string, from time.Time) ([]Size, error) {
	key, _, err := s.liveSegment(ctx, slug)
	if err != nil {
		return nil, err
	}
	list := []Size{}
	err = s.engine.Recall.History(key, from.UnixMicro(), func(h recall.Hour) error {
		list = append(list, Size{time.UnixMicro(h.StartUS).UTC(), h.Size, h.Entered, h.Left})
		return nil
	})
	return list, err
}

// Intersection is the people who are in exactly these of the segments asked about.
type Intersection struct {
	IDs       []string `json:"ids"`
	Customers int64    `json:"customers"`
}

const maxOverlapping = 6

// Overlapping divides the people of up to six segments by which of them they are in.
func (s *Service) Overlapping(ctx context.Context, ids []string) ([]Intersection, error) {
	if len(ids) < 1 || len(ids) > maxOverlapping {
		return nil, fault.Newf(fault.Invalid, "audience.overlap_count", "overlaps are of 1 to %d segments", maxOverlapping).At(fault.Place{Field: "ids", Value: strings.Join(ids, ",")})
	}
	bits := make([]*roaring.Bitmap, len(ids))
	for i, id := range ids {
		key, _, err := s.liveSegment(ctx, id)
		if err != nil {
			return nil, err
		}
		bits[i] = s.engine.Recall.Members(key)
	}
	sets := []Intersection{}
	for mask := 1; mask < 1<<len(ids); mask++ {
		var in *roaring.Bitmap
		var names []string
		for i := range ids {
			if mask>>i&1 == 1 {
				names = append(names, ids[i])
				if in == nil {
					in = bits[i].Clone()
				} else {
					in.And(bits[i])
				}
			}
		}
		for i := range ids {
			if mask>>i&1 == 0 {
				in.AndNot(bits[i])
			}
		}
		if n := in.GetCardinality(); n > 0 {
			sets = append(sets, Intersection{names, int64(n)})
		}
	}
	return sets, nil
}
