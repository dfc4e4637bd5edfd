package audience

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/recall"
)

// Resolve turns an identity into a customer's key; profile does, joined in app.
type Resolve func(ctx context.Context, ref string) (key uint32, id string, err error)

type draftInput struct{ Body Draft }

type madeOutput struct{ Body *Made }

type changeDraftInput struct {
	SegmentPath
	Body Draft
}

// SegmentPath names a segment in the address. It is exported because the router fills only exported fields, embedded ones too.
type SegmentPath struct {
	Slug string `path:"slug" maxLength:"64"`
}

// RegisterLive adds the operations on segments that move as events come.
func RegisterLive(api *rest.API, s *Service, resolve Resolve) {
	rest.Register(api, rest.Op{ID: "create-segment", Method: http.MethodPost, Path: "/v1/segments", Tag: "Segments", Summary: "Make a segment of a rule, or one whose people are chosen by hand", Needs: rest.Write, Status: http.StatusCreated},
		func(ctx context.Context, in *draftInput) (*madeOutput, error) {
			m, err := s.Create(ctx, in.Body)
			return &madeOutput{m}, err
		})
	rest.Register(api, rest.Op{ID: "update-segment", Method: http.MethodPut, Path: "/v1/segments/{slug}", Tag: "Segments", Summary: "Change a segment's rule, name or description", Needs: rest.Write},
		func(ctx context.Context, in *changeDraftInput) (*madeOutput, error) {
			m, err := s.Update(ctx, in.Slug, in.Body)
			return &madeOutput{m}, err
		})
	for _, verb := range []string{"lock", "unlock", "archive", "restore"} {
		rest.Register(api, rest.Op{ID: verb + "-segment", Method: http.MethodPost, Path: "/v1/segments/{slug}/" + verb, Tag: "Segments", Summary: strings.ToUpper(verb[:1]) + verb[1:] + " a segment", Needs: rest.Write},
			func(ctx context.Context, in *SegmentPath) (*struct{}, error) { return nil, s.Act(ctx, in.Slug, verb) })
	}
	rest.Register(api, rest.Op{ID: "segment-dependants", Method: http.MethodGet, Path: "/v1/segments/{slug}/dependants", Tag: "Segments", Summary: "Segments whose rules name this one", Needs: rest.Read},
		func(ctx context.Context, in *SegmentPath) (*struct {
			Body struct {
				Items []string `json:"items"`
			}
		}, error,
		) {
			out := &struct {
				Body struct {
					Items []string `json:"items"`
				}
			}{}
			var err error
			out.Body.Items, err = s.Dependants(ctx, in.Slug)
			return out, err
		})
	rest.Register(api, rest.Op{ID: "verify-segments", Method: http.MethodPost, Path: "/v1/segments/verify", Tag: "Segments", Summary: "Compare who is in each segment with a recomputation from all facts, at one instant", Needs: rest.Read},
		func(ctx context.Context, _ *struct{}) (*struct{ Body *Verdict }, error) {
			v, err := s.Verify(ctx)
			return &struct{ Body *Verdict }{v}, err
		})
	registerLooks(api, s, resolve)
	registerMembers(api, s, resolve)
	registerRules(api, s)
}

type rulePreviewInput struct {
	Body struct {
		Rule json.RawMessage `json:"rule"`
		PreviewOptions
	}
}

type whyInput struct {
	SegmentPath
	Customer string `path:"customer" maxLength:"300" doc:"any identity: 42, user:42, email:kim@example.com"`
	Lang     string `query:"lang" enum:"en,ko,th" default:"en"`
}

type historyOutput struct {
	Body struct {
		Items []Size `json:"items"`
	}
}

func registerLooks(api *rest.API, s *Service, resolve Resolve) {
	rest.Register(api, rest.Op{ID: "preview-segment", Method: http.MethodPost, Path: "/v1/segments/preview", Tag: "Segments", Summary: "How many a rule holds of now and a month ago, with a sample; changes nothing", Needs: rest.Read},
		func(ctx context.Context, in *rulePreviewInput) (*struct{ Body *Preview }, error) {
			p, err := s.Preview(ctx, in.Body.Rule, in.Body.PreviewOptions)
			return &struct{ Body *Preview }{p}, err
		})
	rest.Register(api, rest.Op{ID: "why-segment", Method: http.MethodGet, Path: "/v1/segments/{slug}/why/{customer}", Tag: "Segments", Summary: "Why somebody is in a segment or not: each condition with her value", Needs: rest.Read},
		func(ctx context.Context, in *whyInput) (*struct{ Body *Why }, error) {
			key, _, err := resolve(ctx, in.Customer)
			if err != nil {
				return nil, err
			}
			w, err := s.Why(ctx, in.Slug, key, in.Lang)
			return &struct{ Body *Why }{w}, err
		})
	rest.Register(api, rest.Op{ID: "segment-history", Method: http.MethodGet, Path: "/v1/segments/{slug}/history", Tag: "Segments", Summary: "Sizes of a segment, and who came and went, by the hour", Needs: rest.Read},
		func(ctx context.Context, in *struct {
			SegmentPath
			Days int `query:"days" default:"30" minimum:"1" maximum:"1000"`
		},
		) (*historyOutput, error) {
			out := &historyOutput{}
			var err error
			out.Body.Items, err = s.History(ctx, in.Slug, s.clock().AddDate(0, 0, -in.Days))
			return out, err
		})
	rest.Register(api, rest.Op{ID: "overlap-segments", Method: http.MethodGet, Path: "/v1/segments/overlaps", Tag: "Segments", Summary: "The people of up to six segments, by which of them they are in", Needs: rest.Read},
		func(ctx context.Context, in *struct {
			IDs []string `query:"ids" required:"true" maxItems:"6"`
		},
		) (*struct {
			Body struct {
				Sets []Intersection `json:"sets"`
			}
		}, error,
		) {
			out := &struct {
				Body struct {
					Sets []Intersection `json:"sets"`
				}
			}{}
			var err error
			out.Body.Sets, err = s.Overlapping(ctx, in.IDs)
			return out, err
		})
}

type membersOutput struct {
	Body struct {
		Items []Member `json:"items"`
		Total int64    `json:"total"`
		Next  string   `json:"next" doc:"after of the next page; empty on the last"`
	}
}

func registerMembers(api *rest.API, s *Service, resolve Resolve) {
	rest.Register(api, rest.Op{ID: "segment-members", Method: http.MethodGet, Path: "/v1/segments/{slug}/members", Tag: "Segments", Summary: "Who is in a segment, a page at a time", Needs: rest.Read},
		func(ctx context.Context, in *struct {
			SegmentPath
			Limit int    `query:"limit" default:"50" minimum:"1" maximum:"500"`
			After string `query:"after" maxLength:"12"`
		},
		) (*membersOutput, error) {
			after := int64(-1)
			if in.After != "" {
				n, err := strconv.ParseUint(in.After, 10, 32)
				if err != nil {
					return nil, fault.New(fault.Invalid, "audience.bad_after", "after is not from a page before").At(fault.Place{Field: "after", Value: in.After})
				}
				after = int64(n)
			}
			key, _, err := s.liveSegment(ctx, in.Slug)
			if err != nil {
				return nil, err
			}
			out := &membersOutput{}
			out.Body.Items, out.Body.Total = []Member{}, s.engine.Recall.Size(key)
			last, err := s.EachMember(ctx, in.Slug, after, in.Limit, func(m *Member) error {
				out.Body.Items = append(out.Body.Items, *m)
				return nil
			})
			if last >= 0 {
				out.Body.Next = strconv.FormatInt(last, 10)
			}
			return out, err
		})
	rest.Register(api, rest.Op{ID: "stream-segment-members", Method: http.MethodGet, Path: "/v1/segments/{slug}/members.ndjson", Tag: "Segments", Summary: "Everybody in a segment, one JSON object a line", Needs: rest.Read},
		func(ctx context.Context, in *SegmentPath) (*huma.StreamResponse, error) {
			if _, _, err := s.liveSegment(ctx, in.Slug); err != nil {
				return nil, err
			}
			return rest.Download(map[string]string{"Content-Type": "application/x-ndjson"}, func(ctx context.Context, w io.Writer) error {
				enc := json.NewEncoder(w)
				_, err := s.EachMember(ctx, in.Slug, -1, 0, func(m *Member) error { return enc.Encode(m) })
				return err
			}), nil
		})
	registerChoosing(api, s, resolve)
}

type traitInput struct{ Body TraitDraft }

type traitOutput struct{ Body *NamedTrait }

type traitPath struct {
	Name string `path:"name" maxLength:"60"`
}

func registerRules(api *rest.API, s *Service) {
	rest.Register(api, rest.Op{ID: "rule-names", Method: http.MethodGet, Path: "/v1/rules/names", Tag: "Segments", Summary: "What rules can name: events with their properties, attributes, traits, scores, segments, markets", Needs: rest.Read},
		func(ctx context.Context, _ *struct{}) (*struct{ Body *Names }, error) {
			n, err := s.Names(ctx)
			return &struct{ Body *Names }{n}, err
		})
	rest.Register(api, rest.Op{ID: "rule-schema", Method: http.MethodGet, Path: "/v1/rules/schema", Tag: "Segments", Summary: "The JSON Schema of the rule language", Needs: rest.Read},
		func(context.Context, *struct{}) (*struct{ Body json.RawMessage }, error) {
			return &struct{ Body json.RawMessage }{rule.Schema()}, nil
		})
	rest.Register(api, rest.Op{ID: "list-traits", Method: http.MethodGet, Path: "/v1/traits", Tag: "Segments", Summary: "Live traits, those built in and the workspace's own, with their definitions", Needs: rest.Read},
		func(ctx context.Context, _ *struct{}) (*struct {
			Body struct {
				Items []NamedTrait `json:"items"`
			}
		}, error,
		) {
			n, err := s.Names(ctx)
			out := &struct {
				Body struct {
					Items []NamedTrait `json:"items"`
				}
			}{}
			if err == nil {
				out.Body.Items = n.Traits
			}
			return out, err
		})
	rest.Register(api, rest.Op{ID: "get-trait", Method: http.MethodGet, Path: "/v1/traits/{name}", Tag: "Segments", Summary: "One trait with its definition", Needs: rest.Read},
		func(ctx context.Context, in *traitPath) (*traitOutput, error) {
			t, err := s.FindTrait(ctx, in.Name)
			return &traitOutput{t}, err
		})
	rest.Register(api, rest.Op{ID: "trait-dependants", Method: http.MethodGet, Path: "/v1/traits/{name}/dependants", Tag: "Segments", Summary: "Segments and traits whose definitions name this trait", Needs: rest.Read},
		func(ctx context.Context, in *traitPath) (*struct{ Body *TraitUsers }, error) {
			u, err := s.TraitDependants(ctx, in.Name)
			return &struct{ Body *TraitUsers }{u}, err
		})
	rest.Register(api, rest.Op{ID: "create-trait", Method: http.MethodPost, Path: "/v1/traits", Tag: "Segments", Summary: "Make a trait of the workspace's own", Needs: rest.Write, Status: http.StatusCreated},
		func(ctx context.Context, in *traitInput) (*traitOutput, error) {
			t, err := s.KeepTrait(ctx, in.Body, true)
			return &traitOutput{t}, err
		})
	rest.Register(api, rest.Op{ID: "update-trait", Method: http.MethodPut, Path: "/v1/traits/{name}", Tag: "Segments", Summary: "Change a trait of the workspace's own", Needs: rest.Write},
		func(ctx context.Context, in *struct {
			Name string `path:"name" maxLength:"60"`
			Body struct {
				Name string `json:"name,omitempty" doc:"as in the address; it cannot be changed"`
				TraitChange
			}
		},
		) (*traitOutput, error) {
			t, err := s.KeepTrait(ctx, TraitDraft{Name: in.Name, TraitChange: in.Body.TraitChange}, false)
			return &traitOutput{t}, err
		})
	rest.Register(api, rest.Op{ID: "delete-trait", Method: http.MethodDelete, Path: "/v1/traits/{name}", Tag: "Segments", Summary: "Forget a trait of the workspace's own that no segment names", Needs: rest.Write},
		func(ctx context.Context, in *traitPath) (*struct{}, error) { return nil, s.DropTrait(ctx, in.Name) })
}

// LiveViews are the segments that the workspace defined, as the list of segments shows them.
func (s *Service) LiveViews(ctx context.Context, people int64) ([]SegmentView, error) {
	list, err := s.definitions(ctx)
	if err != nil || s.engine == nil {
		return nil, err
	}
	c, _, err := s.engine.Catalogue(ctx)
	if err != nil {
		return nil, err
	}
	currency, err := s.workspace.Currency(ctx)
	if err != nil {
		return nil, err
	}
	var views []SegmentView
	var keys []uint32
	for i := range list {
		if !list[i].archived {
			keys = append(keys, list[i].key)
		}
	}
	worths, err := s.worths(ctx, keys)
	if err != nil {
		return nil, err
	}
	for i := range list {
		d := &list[i]
		v := liveView(d, currency)
		worths[d.key].of(&v, currency)
		v.Customers, v.Live = s.engine.Recall.Size(d.key), s.engine.Live(d.key)
		if d.rule != nil {
			v.Sentences = sentences(d.rule, c)
		}
		v.Sentence = v.Sentences["en"]
		if people > 0 {
			v.Share = float64(v.Customers) / float64(people)
		}
		if v.Change30d, err = s.changeSince(d.key, s.clock().AddDate(0, 0, -30)); err != nil {
			return nil, fmt.Errorf("segments: %w", err)
		}
		views = append(views, v)
	}
	return views, nil
}

// changeSince is how many members there are more than at an instant; nil where the segment is younger.
func (s *Service) changeSince(key uint32, from time.Time) (*int64, error) {
	var change int64
	older := false
	err := s.engine.Recall.History(key, 0, func(h recall.Hour) error {
		if h.StartUS < from.UnixMicro() {
			older = true
			return nil
		}
		change += h.Entered - h.Left
		return nil
	})
	if err != nil || !older {
		return nil, err
	}
	return &change, nil
}
