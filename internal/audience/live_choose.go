package audience

import (
	"bytes"
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"strings"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
)

// Choice is who is to be in a segment kept by hand, and who is not.
type Choice struct {
	Add    []string `json:"add,omitempty" maxItems:"100000" doc:"identities: 42, email:kim@example.com"`
	Remove []string `json:"remove,omitempty" maxItems:"100000"`
}

// Chosen is what came of it.
type Chosen struct {
	Added    int64        `json:"added" doc:"people who were not in it before"`
	Removed  int64        `json:"removed"`
	Unknown  []string     `json:"unknown" doc:"identities that nobody has; of JSON"`
	Rows     int          `json:"rows" doc:"of a CSV, without its header"`
	People   int          `json:"people" doc:"whom the rows of a CSV name"`
	Troubles []RowTrouble `json:"problems" doc:"rows of a CSV that name nobody, the first thousand; the others were taken"`
	Troubled int          `json:"problem_rows" doc:"how many there are"`
}

type chooseInput struct {
	SegmentPath
	ContentType string `header:"Content-Type"`
	Take        string `query:"take" enum:"add,remove" default:"add" doc:"what to do with the people of a CSV"`
	DryRun      bool   `query:"dry_run" doc:"read the CSV and tell of its rows; change nothing"`
	RawBody     []byte
}

type chosenOutput struct{ Body Chosen }

// maxListBytes bounds a list that is sent.
const maxListBytes = 64 << 20

func registerChoosing(api *rest.API, s *Service, resolve Resolve) {
	rest.Register(api, rest.Op{
		ID: "choose-members", Method: http.MethodPost, Path: "/v1/segments/{slug}/members", Tag: "Segments", Summary: "Put people into a segment by hand, or take them out",
		Description: "JSON names them, or a CSV (`Content-Type: text/csv`) does, one a row: under a header (`id`, `email`, `phone`, `identity`, …) the columns of identities count, without one the first column. " +
			"Rows that name nobody are told with their row and the reason, and all the others are taken together, or none where the file cannot be read.",
		Needs: rest.Write, MaxBodyBytes: maxListBytes, Bodies: map[string]any{"application/json": Choice{}, "text/csv": ""},
	},
		func(ctx context.Context, in *chooseInput) (*chosenOutput, error) {
			kind, _, err := mime.ParseMediaType(in.ContentType)
			if err != nil {
				kind = in.ContentType
			}
			out := &chosenOutput{Chosen{Unknown: []string{}, Troubles: []RowTrouble{}}}
			switch kind {
			case "application/json", "":
				return out, s.chooseNamed(ctx, in, resolve, &out.Body)
			case "text/csv", "text/plain":
				return out, s.chooseListed(ctx, in, resolve, &out.Body)
			}
			return nil, fault.Newf(fault.Invalid, "audience.list_kind", "people are named by JSON or by CSV, not by %s", kind).
				At(fault.Place{Field: "Content-Type", Value: kind}).Then("Send application/json or text/csv.")
		})
}

// chooseNamed takes the people that JSON names.
func (s *Service) chooseNamed(ctx context.Context, in *chooseInput, resolve Resolve, out *Chosen) error {
	var choice Choice
	read := json.NewDecoder(bytes.NewReader(in.RawBody))
	read.DisallowUnknownFields()
	if err := read.Decode(&choice); err != nil {
		return fault.New(fault.Invalid, "audience.bad_choice", "this does not say whom to add or to remove").Then(`Send {"add":["42"],"remove":["email:kim@example.com"]}.`).Because(err)
	}
	const most = 100_000
	if len(choice.Add) > most || len(choice.Remove) > most {
		return fault.Newf(fault.TooLarge, "audience.choice_too_long", "at most %d people are named at once", most).Then("Send a CSV, or send them in parts.")
	}
	find := func(refs []string) (keys []uint32, err error) {
		for _, ref := range refs {
			key, _, err := resolve(ctx, strings.TrimSpace(ref))
			if fault.CodeOf(err) == fault.NotFound {
				out.Unknown = append(out.Unknown, ref)
				continue
			}
			if err != nil {
				return nil, err
			}
			keys = append(keys, key)
		}
		return keys, nil
	}
	add, err := find(choice.Add)
	if err != nil {
		return err
	}
	remove, err := find(choice.Remove)
	if err != nil {
		return err
	}
	out.Added, out.Removed, err = s.Change(ctx, in.Slug, add, remove)
	return err
}

// chooseListed takes the people that a CSV names.
func (s *Service) chooseListed(ctx context.Context, in *chooseInput, resolve Resolve, out *Chosen) error {
	if _, err := s.chosenByHand(ctx, in.Slug); err != nil {
		return err // before a long list is read
	}
	l, err := readList(ctx, in.RawBody, resolve)
	if err != nil {
		return err
	}
	out.Rows, out.People, out.Troubles, out.Troubled = l.rows, distinct(l.keys), l.troubles, l.troubled
	if in.DryRun {
		return nil
	}
	if in.Take == "remove" {
		out.Added, out.Removed, err = s.Change(ctx, in.Slug, nil, l.keys)
		return err
	}
	out.Added, out.Removed, err = s.Change(ctx, in.Slug, l.keys, nil)
	return err
}

func distinct(keys []uint32) int {
	seen := make(map[uint32]struct{}, len(keys))
	for _, k := range keys {
		seen[k] = struct{}{}
	}
	return len(seen)
}
