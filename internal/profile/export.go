package profile

import (
	"archive/zip"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/store"
)

// Sheet is one table of what is known of a person.
type Sheet struct {
	Name    string
	Columns []string
	Rows    [][]any // strings, numbers, times, nil
}

// Exporting is whose data other rooms are asked for.
type Exporting struct {
	Key        uint32
	Origins    []uint32
	Identities []event.Identity
}

// Exporter gives what one room knows of a person.
type Exporter func(ctx context.Context, e Exporting) ([]Sheet, error)

// Dossier is everything that is known of a person.
type Dossier struct {
	Customer string
	At       time.Time
	Sheets   []Sheet
}

// Gather collects everything that is known of a person, of all rooms.
func (s *Service) Gather(ctx context.Context, ref string) (*Dossier, error) {
	d, e, err := s.registry.dossier(ctx, ref)
	if err != nil {
		return nil, err
	}
	for _, more := range s.joined.Exporters {
		sheets, err := more(ctx, e)
		if err != nil {
			return nil, wrap("export a customer", err)
		}
		d.Sheets = append(d.Sheets, sheets...)
	}
	return d, nil
}

// dossier begins with what the room itself keeps.
func (r *Registry) dossier(ctx context.Context, ref string) (*Dossier, Exporting, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o, err := r.origin(ctx, ref)
	if err != nil {
		return nil, Exporting{}, err
	}
	key := r.graph.Person(o)
	e := Exporting{Key: key, Origins: r.graph.Members(key)}
	d := &Dossier{At: r.clock().UTC()}
	err = r.store.View(ctx, func(tx *store.Tx) error {
		d.Sheets, e.Identities = nil, nil
		if d.Customer, err = r.shown(ctx, tx, key); err != nil {
			return err
		}
		identities, err := r.identities(ctx, tx, e.Origins)
		if err != nil {
			return err
		}
		list := Sheet{Name: "identities", Columns: []string{"kind", "value", "first_seen_at", "last_seen_at", "source", "shared"}}
		for _, i := range identities {
			list.Rows = append(list.Rows, []any{i.Kind, i.Value, i.First, i.Last, i.Source, i.Shared})
			e.Identities = append(e.Identities, event.Identity{Kind: i.Kind, Value: i.Value})
		}
		d.Sheets = append(d.Sheets, list)
		return r.dossierMore(ctx, tx, d, e.Origins, identities)
	})
	return d, e, wrap("export a customer", err)
}

func (r *Registry) dossierMore(ctx context.Context, tx *store.Tx, d *Dossier, members []uint32, identities []Identity) error {
	contacts := Sheet{Name: "contacts", Columns: []string{"source", "name", "email", "phone", "birthday"}}
	consents := Sheet{Name: "consents", Columns: []string{"purpose", "channel", "state", "at", "source", "proof"}}
	changes := Sheet{Name: "changes", Columns: []string{"at", "who", "what", "why"}}
	for _, o := range members {
		b, found, err := readBrought(ctx, tx, o)
		if err != nil {
			return err
		}
		if found {
			contacts.Rows = append(contacts.Rows, []any{importSource(b.importID), b.name, b.email, b.phone, ""})
		}
		c, err := readContact(ctx, tx, o)
		if err != nil {
			return err
		}
		if c != (contact{}) {
			contacts.Rows = append(contacts.Rows, []any{"events", c.name.text, c.email.text, c.phone.text, c.birthday.text})
		}
		err = tx.Each(ctx, "profile.EachConsent", store.Args{int64(o)}, func(scan store.Scan) error {
			var b borne
			err := scan(&b.number, &b.made, &b.purpose, &b.channel, &b.state, &b.atUS, &b.source, &b.proof)
			if b.made == int64(o) {
				consents.Rows = append(consents.Rows, []any{b.purpose, b.channel, b.state, time.UnixMicro(b.atUS).UTC(), b.source, b.proof})
			}
			return err
		})
		if err != nil {
			return err
		}
		list, err := changesOf(ctx, tx, o)
		if err != nil {
			return err
		}
		for _, c := range list {
			changes.Rows = append(changes.Rows, []any{c.At, c.Who, c.What, c.Why})
		}
	}
	list, err := r.suppressed(ctx, tx, identities)
	if err != nil {
		return err
	}
	suppressions := Sheet{Name: "suppressions", Columns: []string{"channel", "address", "reason", "at", "who"}}
	for _, s := range list {
		suppressions.Rows = append(suppressions.Rows, []any{s.Channel, s.Address, s.Reason, s.At, s.Who})
	}
	history, err := r.merges(ctx, tx, members)
	if err != nil {
		return err
	}
	merges := Sheet{Name: "merges", Columns: []string{"id", "from", "into", "at", "cause", "who", "why", "undone_at"}}
	for _, m := range history {
		merges.Rows = append(merges.Rows, []any{m.ID, m.From, m.Into, m.At, m.Cause, m.Who, m.Why, m.UndoneAt})
	}
	d.Sheets = append(d.Sheets, contacts, consents, suppressions, merges, changes)
	return nil
}

// Write packs a dossier into an archive: everything in one JSON file, and each table as CSV.
func (d *Dossier) Write(w io.Writer) error {
	archive := zip.NewWriter(w)
	whole := map[string]any{"customer": d.Customer, "exported_at": d.At}
	for _, s := range d.Sheets {
		rows := make([]map[string]any, 0, len(s.Rows))
		for _, row := range s.Rows {
			m := make(map[string]any, len(row))
			for i, v := range row {
				m[s.Columns[i]] = jsonValue(v)
			}
			rows = append(rows, m)
		}
		whole[s.Name] = rows
	}
	f, err := archive.CreateHeader(d.header("customer.json"))
	if err != nil {
		return wrap("pack an export", err)
	}
	encoder := json.NewEncoder(f)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(whole); err != nil {
		return wrap("pack an export", err)
	}
	for _, s := range d.Sheets {
		f, err := archive.CreateHeader(d.header(s.Name + ".csv"))
		if err != nil {
			return wrap("pack an export", err)
		}
		if err := s.csv(f); err != nil {
			return wrap("pack an export", err)
		}
	}
	return wrap("pack an export", archive.Close())
}

func (d *Dossier) header(name string) *zip.FileHeader {
	return &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: d.At}
}

func (s *Sheet) csv(w io.Writer) error {
	c := csv.NewWriter(w)
	_ = c.Write(s.Columns) // the writer remembers its error
	cells := make([]string, len(s.Columns))
	for _, row := range s.Rows {
		for i, v := range row {
			cells[i] = csvValue(v)
		}
		_ = c.Write(cells)
	}
	c.Flush()
	return c.Error()
}

// jsonValue keeps JSON that a table holds as JSON.
func jsonValue(v any) any {
	switch t := v.(type) {
	case []byte:
		return jsonValue(string(t))
	case string:
		if (strings.HasPrefix(t, "{") || strings.HasPrefix(t, "[")) && json.Valid([]byte(t)) {
			return json.RawMessage(t)
		}
	case float64:
		if t != t || t-t != 0 {
			return nil // neither NaN nor the infinite are JSON
		}
	}
	return v
}

func csvValue(v any) string {
	switch t := v.(type) {
	case nil:
		return ""
	case string:
		return harmless(t)
	case []byte:
		return harmless(string(t))
	case time.Time:
		return t.Format(time.RFC3339)
	case *time.Time:
		if t == nil {
			return ""
		}
		return t.Format(time.RFC3339)
	case float64:
		return strconv.FormatFloat(t, 'g', -1, 64)
	}
	return fmt.Sprint(v)
}

// harmless keeps spreadsheets from running text as a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+@\t\r", rune(s[0])) || len(s) > 1 && s[0] == '-' {
		return "'" + s
	}
	return s
}
