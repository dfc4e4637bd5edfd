package profile

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/profile/identity"
)

// refPath names a customer in the path.
type refPath struct {
	ID string `path:"id" maxLength:"512" doc:"any of her identities: 42 or user:42, email:kim@example.com, phone:+821012345678, anon:…, key:7"`
}

type body[T any] struct{ Body T }

type list[T any] struct {
	Body struct {
		Items []T `json:"items"`
	}
}

func listOf[T any](items []T, err error) (*list[T], error) {
	out := &list[T]{}
	out.Body.Items = items
	return out, err
}

func who(ctx context.Context) string { return rest.Caller(ctx).Name }

// RegisterPeople adds the operations on who is who, on consent, and on what a person may ask for by law.
func RegisterPeople(api *rest.API, s *Service, jobs *job.Line) {
	registerMerges(api, s)
	registerDuplicates(api, s, jobs)
	registerConsents(api, s)
	registerSuppressions(api, s)
	registerLaw(api, s)
	registerRules(api, s)
}

type twoCustomers struct {
	A   string `json:"a" maxLength:"512" doc:"any identity of the one customer"`
	B   string `json:"b" maxLength:"512" doc:"any identity of the other"`
	Why string `json:"why" required:"false" maxLength:"1000" doc:"kept with the merge"`
}

func registerMerges(api *rest.API, s *Service) {
	rest.Register(api, rest.Op{
		ID: "preview-merge", Method: http.MethodPost, Path: "/v1/merges/preview", Tag: "Customers", Summary: "What merging two customers would do", Needs: rest.Read,
	},
		func(ctx context.Context, in *body[twoCustomers]) (*body[*MergePreview], error) {
			p, err := s.PreviewMerge(ctx, in.Body.A, in.Body.B)
			return &body[*MergePreview]{p}, err
		})
	rest.Register(api, rest.Op{
		ID: "merge-customers", Method: http.MethodPost, Path: "/v1/merges", Tag: "Customers", Summary: "Make one customer of two",
		Description: "The customer with a user id is left, or else the older one; all events, orders and consents of both are hers. Consent is withdrawn where either had withdrawn it. The merge can be undone at any time.",
		Needs:       rest.Write, Status: http.StatusCreated,
	},
		func(ctx context.Context, in *body[twoCustomers]) (*body[Merged], error) {
			m, err := s.registry.Merge(ctx, in.Body.A, in.Body.B, who(ctx), cleanProof(in.Body.Why))
			return &body[Merged]{m}, err
		})
	rest.Register(api, rest.Op{
		ID: "undo-merge", Method: http.MethodPost, Path: "/v1/merges/{id}/undo", Tag: "Customers", Summary: "Take a merge back",
		Description: "Whatever was merged since stays with the side it was merged to. Each side has its own events, orders and consents again, but a withdrawal of consent made meanwhile holds for both. Events cannot make the same merge again.",
		Needs:       rest.Write, Status: http.StatusNoContent,
	},
		func(ctx context.Context, in *struct {
			ID   string `path:"id" maxLength:"32"`
			Body *struct {
				Why string `json:"why" required:"false" maxLength:"1000"`
			}
		},
		) (*struct{}, error) {
			why := ""
			if in.Body != nil {
				why = cleanProof(in.Body.Why)
			}
			return nil, s.registry.Undo(ctx, in.ID, who(ctx), why)
		})
	rest.Register(api, rest.Op{ID: "list-customer-changes", Method: http.MethodGet, Path: "/v1/customers/{id}/changes", Tag: "Customers", Summary: "What people changed about a customer, and why, newest first", Needs: rest.Read},
		func(ctx context.Context, in *refPath) (*list[Change], error) {
			return listOf(s.registry.Changes(ctx, in.ID))
		})
}

type newConsent struct {
	Purpose string `json:"purpose" required:"false" default:"marketing" maxLength:"40" doc:"marketing, service, or a word of your own"`
	Channel string `json:"channel" maxLength:"40" doc:"email, sms, push, line, kakao, phone, post, or a word of your own, which is known once consent is given on it; all for each of the first six"`
	State   string `json:"state" enum:"given,withdrawn,unknown"`
	Source  string `json:"source" required:"false" maxLength:"300" doc:"where she said it; the caller's name by default"`
	Proof   string `json:"proof" required:"false" maxLength:"2000" doc:"what shows it: the text she saw, a link, an address"`
}

type keptConsents struct {
	Items []Consent `json:"items"`
	Hint  string    `json:"hint,omitempty" doc:"where the purpose is new and close to a known one: which was perhaps meant"`
}

func registerConsents(api *rest.API, s *Service) {
	rest.Register(api, rest.Op{
		ID: "put-consent", Method: http.MethodPut, Path: "/v1/customers/{id}/consents", Tag: "Consent", Summary: "Write down that a customer gave or withdrew consent",
		Description: "Answers with all her consents. Events do the same: track \"Consent Given\", \"Consent Withdrawn\" {purpose, channel, proof} and \"Unsubscribed\" {channel}.", Needs: rest.Write,
	},
		func(ctx context.Context, in *struct {
			ID   string `path:"id" maxLength:"512" doc:"any of her identities"`
			Body newConsent
		},
		) (*body[keptConsents], error) {
			hint, err := s.registry.hint(ctx, in.Body.Purpose)
			if err != nil {
				return nil, err
			}
			c := Consent{Purpose: in.Body.Purpose, Channel: in.Body.Channel, State: in.Body.State, Source: in.Body.Source, Proof: in.Body.Proof}
			all, err := s.registry.Consent(ctx, in.ID, c, who(ctx))
			return &body[keptConsents]{keptConsents{all, hint}}, err
		})
}

type newSuppression struct {
	Channel string `json:"channel" enum:"email,sms,push,line,kakao,phone"`
	Address string `json:"address" minLength:"1" maxLength:"300"`
	Reason  string `json:"reason" required:"false" maxLength:"300"`
}

func registerSuppressions(api *rest.API, s *Service) {
	rest.Register(api, rest.Op{ID: "list-suppressions", Method: http.MethodGet, Path: "/v1/suppressions", Tag: "Consent", Summary: "Addresses that are never written to, newest first", Needs: rest.Read},
		func(ctx context.Context, in *struct {
			Channel string `query:"channel" enum:"email,sms,push,line,kakao,phone"`
			Limit   int    `query:"limit" default:"1000" minimum:"1" maximum:"100000"`
		},
		) (*list[Suppression], error) {
			return listOf(s.registry.Suppressions(ctx, in.Channel, in.Limit))
		})
	rest.Register(api, rest.Op{
		ID: "create-suppression", Method: http.MethodPost, Path: "/v1/suppressions", Tag: "Consent", Summary: "Never write to an address again, whatever its owner consents to", Needs: rest.Write, Status: http.StatusCreated,
	},
		func(ctx context.Context, in *body[newSuppression]) (*body[Suppression], error) {
			made, err := s.registry.Suppress(ctx, Suppression{Channel: in.Body.Channel, Address: in.Body.Address, Reason: in.Body.Reason}, who(ctx))
			return &body[Suppression]{made}, err
		})
	rest.Register(api, rest.Op{ID: "delete-suppression", Method: http.MethodDelete, Path: "/v1/suppressions", Tag: "Consent", Summary: "Take an address off the list", Needs: rest.Write, Status: http.StatusNoContent},
		func(ctx context.Context, in *struct {
			Channel string `query:"channel" required:"true" enum:"email,sms,push,line,kakao,phone"`
			Address string `query:"address" required:"true" maxLength:"300"`
		},
		) (*struct{}, error) {
			return nil, s.registry.Unsuppress(ctx, in.Channel, in.Address)
		})
}

// registerLaw adds what a person may ask for: her data, and to be forgotten; and how long events are kept.
func registerLaw(api *rest.API, s *Service) {
	rest.Register(api, rest.Op{
		ID: "export-customer", Method: http.MethodGet, Path: "/v1/customers/{id}/export", Tag: "Customers", Summary: "All that is known of one customer, as an archive",
		Description: "A ZIP archive with customer.json, which holds everything, and each table as CSV.", Needs: rest.Read,
	},
		func(ctx context.Context, in *refPath) (*huma.StreamResponse, error) {
			d, err := s.Gather(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			name := "customer-" + fileName(d.Customer) + ".zip"
			header := map[string]string{"Content-Type": "application/zip", "Content-Disposition": `attachment; filename="` + name + `"; filename*=UTF-8''` + url.PathEscape(name)}
			return rest.Download(header, func(_ context.Context, w io.Writer) error { return d.Write(w) }), nil
		})
	rest.Register(api, rest.Op{
		ID: "erase-customer", Method: http.MethodPost, Path: "/v1/erasures", Tag: "Customers", Summary: "Forget a customer in every store, and get the receipt",
		Description: "Cannot be undone. Events of hers that come later make a new customer. Of her identities the receipt keeps salted hashes.", Needs: rest.Admin, Status: http.StatusCreated,
	},
		func(ctx context.Context, in *body[struct {
			Customer string `json:"customer" minLength:"1" maxLength:"512" doc:"any of her identities"`
			Why      string `json:"why" required:"false" maxLength:"1000" doc:"kept with the receipt: do not name her"`
		}],
		) (*body[*Receipt], error) {
			r, err := s.Erase(ctx, in.Body.Customer, who(ctx), cleanProof(in.Body.Why))
			return &body[*Receipt]{r}, err
		})
	rest.Register(api, rest.Op{ID: "list-erasures", Method: http.MethodGet, Path: "/v1/erasures", Tag: "Customers", Summary: "Receipts of erasures, newest first", Needs: rest.Admin},
		func(ctx context.Context, _ *struct{}) (*list[Receipt], error) { return listOf(s.Erasures(ctx)) })
	type rules struct {
		Rules []Retention `json:"rules" maxItems:"1000"`
	}
	rest.Register(api, rest.Op{ID: "get-retention", Method: http.MethodGet, Path: "/v1/retention", Tag: "Events", Summary: "How long events are kept", Needs: rest.Read},
		func(ctx context.Context, _ *struct{}) (*body[rules], error) {
			list, err := s.registry.Retention(ctx)
			return &body[rules]{rules{list}}, err
		})
	rest.Register(api, rest.Op{
		ID: "put-retention", Method: http.MethodPut, Path: "/v1/retention", Tag: "Events", Summary: "Say how long events are kept",
		Description: "Replaces all rules. Events older than their rule allows are deleted once a day; orders stay. Without a rule events are kept for ever.", Needs: rest.Admin,
	},
		func(ctx context.Context, in *body[rules]) (*body[rules], error) {
			if err := s.registry.PutRetention(ctx, in.Body.Rules, who(ctx)); err != nil {
				return nil, err
			}
			list, err := s.registry.Retention(ctx)
			return &body[rules]{rules{list}}, err
		})
}

// fileName leaves of an id what may stand in the name of a file.
func fileName(id string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f && !strings.ContainsRune(`"\/:*?<>|%;`, r) {
			return r
		}
		return '-'
	}, id)
}

func registerRules(api *rest.API, s *Service) {
	rest.Register(api, rest.Op{ID: "get-identity-rules", Method: http.MethodGet, Path: "/v1/identity-rules", Tag: "Customers", Summary: "How identities are told apart", Needs: rest.Read},
		func(ctx context.Context, _ *struct{}) (*body[identity.Rules], error) {
			r, err := s.registry.Rules(ctx)
			return &body[identity.Rules]{r}, err
		})
	rest.Register(api, rest.Op{
		ID: "put-identity-rules", Method: http.MethodPut, Path: "/v1/identity-rules", Tag: "Customers", Summary: "Change how identities are told apart",
		Description: "Replaces all rules. They hold from the next event on; who is one already stays one.", Needs: rest.Admin,
	},
		func(ctx context.Context, in *body[identity.Rules]) (*body[identity.Rules], error) {
			if err := s.registry.PutRules(ctx, in.Body, who(ctx)); err != nil {
				return nil, err
			}
			r, err := s.registry.Rules(ctx)
			return &body[identity.Rules]{r}, err
		})
}
