package profile

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/profile/consent"
	"github.com/dangol/dangol/internal/store/storetest"
)

// desk is the room behind its API, with a log of its own.
type desk struct {
	*shop
	t   *testing.T
	mux *http.ServeMux
	// jobs is the line in which searches wait.
	jobs *job.Line
	seq  uint64
	// path of the records.
	path string
}

type everyDay struct{}

func (everyDay) Kept(context.Context, string) error { return nil }

func openDesk(t *testing.T, j Joined) *desk {
	t.Helper()
	path := filepath.Join(t.TempDir(), "records.db")
	d := &desk{shop: open(t, storetest.OpenAt(t, path, Schema, market.Schema)), t: t, mux: http.NewServeMux(), path: path}
	d.Join(j)
	api := rest.New(d.mux, "test")
	Register(api, d.Service, everyDay{})
	d.jobs = job.NewLine(clock.System(), slog.New(slog.DiscardHandler))
	t.Cleanup(d.jobs.Close)
	RegisterPeople(api, d.Service, d.jobs)
	d.analyse(t, start+5)
	return d
}

// call asks the API as an administrator, and reads the answer into out.
func (d *desk) call(method, path string, in, out any) int {
	d.t.Helper()
	var payload bytes.Buffer
	if in != nil {
		if err := json.NewEncoder(&payload).Encode(in); err != nil {
			d.t.Fatal(err)
		}
	}
	r := httptest.NewRequestWithContext(rest.WithPrincipal(d.t.Context(), rest.Principal{Name: "minji", Scope: rest.Admin}), method, path, &payload)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	d.mux.ServeHTTP(w, r)
	if raw, ok := out.(*[]byte); ok {
		*raw = w.Body.Bytes()
	} else if out != nil {
		if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
			d.t.Fatalf("%s %s: %v in %s", method, path, err, w.Body)
		}
	}
	return w.Code
}

func (d *desk) must(method, path string, in, out any) {
	d.t.Helper()
	var raw []byte
	if code := d.call(method, path, in, &raw); code >= 300 {
		d.t.Fatalf("%s %s: %d %s", method, path, code, raw)
	}
	if out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			d.t.Fatalf("%v in %s", err, raw)
		}
	}
}

// say lets events come: each is "type name user=42 anonymous=a1 {props}".
func (d *desk) say(events ...string) []Resolved {
	d.t.Helper()
	return d.apply(d.facts(events...))
}

func (d *desk) apply(facts []event.Fact) []Resolved {
	d.t.Helper()
	got, err := d.registry.Apply(d.t.Context(), d.seq, facts)
	if err != nil {
		d.t.Fatal(err)
	}
	return got
}

// facts are those of the next message.
func (d *desk) facts(events ...string) []event.Fact {
	d.seq++
	facts := make([]event.Fact, len(events))
	for i, text := range events {
		f := &facts[i]
		head, props, found := strings.Cut(text, " {")
		f.Props, f.Context = []byte("{}"), []byte("{}")
		if found {
			f.Props = []byte("{" + props)
		}
		words := strings.Fields(head)
		f.Type = map[string]event.Type{"track": event.Track, "identify": event.Identify, "alias": event.Alias}[words[0]]
		for _, w := range words[1:] {
			kind, value, is := strings.Cut(w, "=")
			switch {
			case !is:
				f.Name = strings.ReplaceAll(w, "_", " ")
			case kind == "previous":
				f.Previous.Value = value
			default:
				f.Identities = append(f.Identities, event.Identity{Kind: kind, Value: value})
			}
		}
		now := time.Now().UnixMicro()
		f.Place, f.MessageID, f.AtUS, f.ReceivedUS, f.Source = event.PlaceOf(d.seq, i), fmt.Sprint("m", d.seq, ".", i), now, now, "web"
	}
	return facts
}

func (d *desk) page(ref string) Page {
	d.t.Helper()
	var p struct {
		ID, Name, Email, Phone string
		Identities             []Identity
		Consents               []Consent
		Suppressed             []Suppression
		Merges                 []Merge
	}
	d.must(http.MethodGet, "/v1/customers/"+url.PathEscape(ref), nil, &p)
	return Page{ID: p.ID, Name: p.Name, Email: p.Email, Phone: p.Phone, Identities: p.Identities, Consents: p.Consents, Suppressed: p.Suppressed, Merges: p.Merges}
}

func TestOneCustomerByAnyOfHerNames(t *testing.T) {
	t.Parallel()
	d := openDesk(t, Joined{})
	d.take(t, bought("ann", "1", "mug", 0, 500))
	d.must(http.MethodPut, "/v1/identity-rules", map[string]any{"kinds": d.rules().Kinds, "blocked": []string{"null"}, "region": "KR"}, nil)
	d.say("track Product_Viewed anonymous=a1", "identify user=42 anonymous=a1 email=Kim@Example.com phone=010-1234-5678 {\"name\":\"Kim Minji\",\"email\":\"Kim@Example.com\",\"phone\":\"010-1234-5678\"}")
	for _, ref := range []string{"42", "user:42", "email:kim@example.com", "kim@example.com", "phone:+821012345678", "phone:010-1234-5678", "anon:a1", "anonymous:a1"} {
		if p := d.page(ref); p.ID != "42" || p.Name != "Kim Minji" || p.Phone != "010-1234-5678" || len(p.Identities) != 4 {
			t.Errorf("%s: %+v", ref, p)
		}
	}
	if p := d.page("42"); p.Identities[0].Kind != "user" || p.Identities[0].Source != "web" || len(p.Merges) != 1 || p.Merges[0].From != "anon:a1" || p.Merges[0].Into != "42" || p.Merges[0].Cause != "identify" {
		t.Errorf("%+v", p)
	}
	if p := d.page("email:ann@example.com"); p.ID != "ann" || p.Identities[0].Source != "import 1" {
		t.Errorf("a customer of a file: %+v", p)
	}
	var problem rest.Problem
	if code := d.call(http.MethodGet, "/v1/customers/email:nobody@x.kr", nil, &problem); code != http.StatusNotFound || problem.Type != "profile.unknown_customer" || problem.Next == "" {
		t.Errorf("%d %+v", code, problem)
	}
}

func (d *desk) rules() (r struct{ Kinds []map[string]any }) {
	d.must(http.MethodGet, "/v1/identity-rules", nil, &r)
	return r
}

// A number without its country is of the country that the call, the file or the workspace names.
func TestPhoneNumbersWithoutCountry(t *testing.T) {
	t.Parallel()
	d := openDesk(t, Joined{})
	thai := bought("somchai", "1", "mug", 0, 500)
	thai.Phone, thai.Market, thai.Currency = "081-234-5678", "", "THB"
	korean := bought("minji", "2", "mug", 0, 500)
	korean.Phone, korean.Market = "010-1234-5678", "KR"
	d.take(t, thai, korean)
	d.say(`identify user=jane phone=(212)555-0123 {"address":{"country":"United States"}}`, `identify user=joe phone=(212)555-0199`)
	for ref, want := range map[string]string{"phone:+66812345678": "somchai", "phone:+821012345678": "minji", "phone:+12125550123": "jane"} {
		if p := d.page(ref); p.ID != want {
			t.Errorf("%s is %s", ref, p.ID)
		}
	}
	// Written otherwise by whoever asks, it is the same number.
	for _, i := range d.page("minji").Identities {
		if i.Kind == "phone" && i.Value != "+821012345678" {
			t.Errorf("%+v", i)
		}
	}
	if code := d.call(http.MethodGet, "/v1/customers/phone:+12125550199", nil, &[]byte{}); code != http.StatusNotFound {
		t.Errorf("a number of no country gave %d", code)
	}
}

func TestMergingByHand(t *testing.T) {
	t.Parallel()
	d := openDesk(t, Joined{})
	d.take(t, bought("ann", "1", "mug", 0, 500), bought("bea", "2", "mug", 0, 500))
	d.say("identify user=ann {\"name\":\"Ann A\"}", "identify user=bea {\"name\":\"Ann B\"}", `track Consent_Given user=ann {"channel":"email","proof":"form 7"}`, `track Unsubscribed user=bea`)
	var p MergePreview
	d.must(http.MethodPost, "/v1/merges/preview", map[string]string{"a": "bea", "b": "ann"}, &p)
	if p.Into != "ann" || p.From != "bea" || len(p.Identities) != 5 || p.Orders != 2 || p.Refused != "" || len(p.Consents) != 1 || p.Consents[0].State != Withdrawn {
		t.Errorf("%+v", p)
	}
	if told := strings.Join(p.Conflicts, " "); !strings.Contains(told, `"Ann A"`) || !strings.Contains(told, "kind user than the 1") {
		t.Errorf("conflicts: %s", told)
	}
	var m Merged
	d.must(http.MethodPost, "/v1/merges", map[string]string{"a": "bea", "b": "ann", "why": "one card"}, &m)
	if m.Into != "ann" {
		t.Errorf("%+v", m)
	}
	whole := d.page("bea")
	if whole.ID != "ann" || whole.Consents[0].State != Withdrawn || len(whole.Merges) != 1 || whole.Merges[0].Who != "minji" || whole.Merges[0].Why != "one card" {
		t.Errorf("%+v", whole)
	}
	d.must(http.MethodPost, "/v1/merges/preview", map[string]string{"a": "bea", "b": "ann"}, &p)
	if p.Refused == "" {
		t.Error("one customer was to be merged with herself")
	}
	d.must(http.MethodPost, "/v1/merges/"+m.ID+"/undo", map[string]string{"why": "two cards"}, nil)
	ann, bea := d.page("ann"), d.page("bea")
	if ann.ID != "ann" || bea.ID != "bea" || ann.Consents[0].State != Given || ann.Consents[0].Proof != "form 7" || bea.Consents[0].State != Withdrawn || bea.Merges[0].UndoneAt == nil {
		t.Errorf("%+v\n%+v", ann, bea)
	}
	var problem rest.Problem
	if code := d.call(http.MethodPost, "/v1/merges/"+m.ID+"/undo", nil, &problem); code != http.StatusConflict || problem.Type != "profile.undone" {
		t.Errorf("%d %+v", code, problem)
	}
	var changes list[Change]
	d.must(http.MethodGet, "/v1/customers/ann/changes", nil, &changes.Body)
	if len(changes.Body.Items) != 2 || changes.Body.Items[0].Why != "two cards" {
		t.Errorf("%+v", changes)
	}
}

// The example of a withdrawal made while two were one: it holds for both when they are two again.
func TestAWithdrawalOutlivesTheMerge(t *testing.T) {
	t.Parallel()
	d := openDesk(t, Joined{})
	d.say("identify user=a", "identify user=b")
	d.must(http.MethodPut, "/v1/customers/a/consents", map[string]string{"channel": "all", "state": Given}, nil)
	d.must(http.MethodPut, "/v1/customers/b/consents", map[string]string{"channel": "email", "state": Given, "source": "shop", "proof": "paper"}, nil)
	var m Merged
	d.must(http.MethodPost, "/v1/merges", map[string]string{"a": "a", "b": "b"}, &m)
	d.say(`track Consent_Withdrawn user=b {"channel":"email"}`)
	d.must(http.MethodPost, "/v1/merges/"+m.ID+"/undo", map[string]string{}, nil)
	for _, ref := range []string{"a", "b"} {
		i := slices.IndexFunc(d.page(ref).Consents, func(c Consent) bool { return c.Channel == "email" })
		if c := d.page(ref).Consents[i]; c.State != Withdrawn {
			t.Errorf("%s has %+v", ref, c)
		}
	}
	if n := len(d.page("a").Consents); n != len(consent.Channels) {
		t.Errorf("%d consents", n)
	}
	for _, bad := range []map[string]string{{"channel": "e mail!", "state": Given}, {"channel": "email", "state": "perhaps"}} {
		if code := d.call(http.MethodPut, "/v1/customers/a/consents", bad, &[]byte{}); code != http.StatusUnprocessableEntity {
			t.Errorf("%v gave %d", bad, code)
		}
	}
}

func TestDuplicatesAreSuggested(t *testing.T) {
	t.Parallel()
	d := openDesk(t, Joined{})
	d.say(
		`identify user=1 email=kim@x.kr {"email":"kim@x.kr","name":"김민지","birthday":"1990-03-01"}`,
		`identify user=2 email=kim@x.kr {"email":"kim@x.kr"}`,
		`identify user=3 {"name":"김 민지","birthday":"1990. 3. 1."}`,
		`identify user=4 {"name":"박서준","birthday":"1990-03-01"}`,
		`identify user=lee@gmail.com`, `identify anonymous=z email=l.e.e+shop@gmail.com`,
		`identify user=5 {"phone":"+66 81 234 5678"}`, `identify user=6 {"phone":"+66812345678"}`,
	)
	suggested := func() map[string]Duplicate {
		var l list[Duplicate]
		d.must(http.MethodGet, "/v1/duplicates", nil, &l.Body)
		found := map[string]Duplicate{}
		for _, s := range l.Body.Items {
			found[s.A+" "+s.B] = s
		}
		return found
	}
	var before duplicatesOutput
	d.must(http.MethodGet, "/v1/duplicates", nil, &before.Body)
	if before.Body.MadeAt != nil || !before.Body.Stale || before.Body.Job != nil || len(before.Body.Items) != 0 {
		t.Errorf("nobody has searched yet: %+v", before.Body)
	}
	search := func() {
		t.Helper()
		var j job.Job
		d.must(http.MethodPost, "/v1/duplicates/search", nil, &j)
		if j, err := d.jobs.Wait(t.Context(), j.ID); err != nil || j.State != job.Done {
			t.Fatalf("%+v %v", j, err)
		}
	}
	search()
	var after duplicatesOutput
	d.must(http.MethodGet, "/v1/duplicates", nil, &after.Body)
	if after.Body.MadeAt == nil || after.Body.Stale || after.Body.Job != nil || len(after.Body.Items) != 4 {
		t.Errorf("%+v", after.Body)
	}
	found := suggested()
	for pair, reason := range map[string]string{"1 2": "kim@x.kr", "1 3": "1990-03-01", "lee@gmail.com email:l.e.e+shop@gmail.com": "one mailbox", "5 6": "+66812345678"} {
		if s, ok := found[pair]; !ok || !strings.Contains(strings.Join(s.Reasons, " "), reason) || s.Score <= 0.5 || s.Score > 1 {
			t.Errorf("%s: %+v", pair, s)
		}
	}
	if len(found) != 4 {
		t.Errorf("%+v", found)
	}
	d.must(http.MethodPost, "/v1/duplicates/"+found["1 3"].ID+"/dismiss", nil, nil)
	d.must(http.MethodPost, "/v1/merges", map[string]string{"a": "1", "b": "2"}, nil)
	d.must(http.MethodGet, "/v1/duplicates", nil, &after.Body)
	if !after.Body.Stale || len(after.Body.Items) != 2 {
		t.Errorf("after a merge: %+v", after.Body)
	}
	search()
	if left := suggested(); len(left) != 2 {
		t.Errorf("%+v", left)
	}
	if code := d.call(http.MethodPost, "/v1/duplicates/1-99/dismiss", nil, &[]byte{}); code != http.StatusNotFound {
		t.Errorf("%d", code)
	}
}

func TestSuppressions(t *testing.T) {
	t.Parallel()
	d := openDesk(t, Joined{})
	d.say("identify user=1 email=kim@x.kr")
	d.must(http.MethodPost, "/v1/suppressions", map[string]string{"channel": "email", "address": " KIM@x.kr", "reason": "bounced"}, nil)
	if p := d.page("1"); len(p.Suppressed) != 1 || p.Suppressed[0].Reason != "bounced" || p.Suppressed[0].Who != "minji" {
		t.Errorf("%+v", p.Suppressed)
	}
	// Who is erased stays unwritten to, and is not named.
	d.must(http.MethodPost, "/v1/erasures", map[string]string{"customer": "1"}, nil)
	var l list[Suppression]
	d.must(http.MethodGet, "/v1/suppressions?channel=email", nil, &l.Body)
	if len(l.Body.Items) != 1 || !strings.HasPrefix(l.Body.Items[0].Address, hashedAddress) {
		t.Errorf("%+v", l.Body.Items)
	}
	d.say("identify user=1 email=kim@x.kr")
	if p := d.page("1"); len(p.Suppressed) != 1 || p.Suppressed[0].Address != "kim@x.kr" {
		t.Errorf("%+v", p.Suppressed)
	}
	d.must(http.MethodDelete, "/v1/suppressions?channel=email&address=kim@x.kr", nil, nil)
	if code := d.call(http.MethodDelete, "/v1/suppressions?channel=email&address=kim@x.kr", nil, &[]byte{}); code != http.StatusNotFound {
		t.Errorf("%d", code)
	}
	if code := d.call(http.MethodPost, "/v1/suppressions", map[string]string{"channel": "email", "address": "nobody"}, &[]byte{}); code != http.StatusUnprocessableEntity {
		t.Errorf("%d", code)
	}
}

func TestExportOfACustomer(t *testing.T) {
	t.Parallel()
	d := openDesk(t, Joined{Exporters: []Exporter{func(_ context.Context, e Exporting) ([]Sheet, error) {
		return []Sheet{{Name: "notes", Columns: []string{"text", "n", "more"}, Rows: [][]any{{"=1+1", len(e.Identities), `{"a":1}`}}}}, nil
	}}})
	d.take(t, bought("ann", "1", "mug", 0, 500))
	d.say(`identify user=ann {"name":"Ann"}`, `track Consent_Given user=ann {"channel":"email"}`)
	var raw []byte
	if code := d.call(http.MethodGet, "/v1/customers/ann/export", nil, &raw); code != http.StatusOK {
		t.Fatalf("%d %s", code, raw)
	}
	files := filesOf(t, raw)
	var whole map[string]any
	if err := json.Unmarshal([]byte(files["customer.json"]), &whole); err != nil {
		t.Fatal(err)
	}
	for name := range files {
		if table := strings.TrimSuffix(name, ".csv"); table != name && whole[table] == nil {
			t.Errorf("%s is not in the JSON", table)
		}
	}
	if whole["customer"] != "ann" || len(whole["identities"].([]any)) != 3 || whole["notes"].([]any)[0].(map[string]any)["more"].(map[string]any)["a"] != 1.0 {
		t.Errorf("%s", files["customer.json"])
	}
	if !strings.HasPrefix(files["notes.csv"], "text,n,more\n'=1+1,3,") || !strings.Contains(files["consents.csv"], "marketing,email,given") {
		t.Errorf("%q %q", files["notes.csv"], files["consents.csv"])
	}
}

func TestErasureLeavesNothingButAReceipt(t *testing.T) {
	t.Parallel()
	fail := errors.New("the disk is full")
	var asked []Erasing
	d := openDesk(t, Joined{Erasers: []Eraser{func(_ context.Context, e Erasing) (Forgot, error) {
		asked = append(asked, e)
		if len(asked) == 1 {
			return Forgot{}, fail
		}
		return Forgot{Erased: []Erased{{"warehouse", "event", 7}}, Trimmed: 12, Notes: []string{"Backups hold her for 30 days."}}, nil
	}}})
	d.take(t, bought("annabelle", "1", "mug", 0, 500))
	d.say(`identify user=annabelle anonymous=anon-77 email=annabelle@example.com {"name":"Annette"}`, `track Consent_Given user=annabelle {"channel":"email"}`, "identify user=bob")
	key, _, err := d.registry.Find(t.Context(), "annabelle")
	if err != nil {
		t.Fatal(err)
	}
	before := time.Now().UnixMicro()
	var problem rest.Problem
	if code := d.call(http.MethodPost, "/v1/erasures", map[string]string{"customer": "email:annabelle@example.com", "why": "she asked"}, &problem); code != http.StatusServiceUnavailable || problem.Type != "profile.erasure_unfinished" {
		t.Errorf("%d %+v", code, problem)
	}
	// It goes on at the next start.
	if err := d.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(asked) != 2 || !slices.Contains(asked[1].Keys, key) || len(asked[1].Identities) != 4 || asked[1].Journal == 0 {
		t.Errorf("%+v", asked)
	}
	var receipts list[Receipt]
	d.must(http.MethodGet, "/v1/erasures", nil, &receipts.Body)
	r := receipts.Body.Items[0]
	if len(receipts.Body.Items) != 1 || r.State != "done" || r.Who != "minji" || r.Why != "she asked" || r.LogTrimmed != 12 || len(r.Backups) != 1 || len(r.Identities) != 4 || len(r.Stores) < 6 {
		t.Errorf("%+v", r)
	}
	if !slices.Contains(r.Identities, hashIdentity(r.Salt, "user", "annabelle")) {
		t.Error("the receipt does not prove what was erased")
	}
	// Nothing of hers is in any table of the records.
	for _, value := range []string{"annabelle", "Annette", "anon-77"} {
		if found := d.searchRecords(value); len(found) > 0 {
			t.Errorf("%q is still in %v", value, found)
		}
	}
	d.searchFiles("annabelle", "Annette", "anon-77")
	if code := d.call(http.MethodGet, "/v1/customers/annabelle", nil, &[]byte{}); code != http.StatusNotFound {
		t.Errorf("%d", code)
	}
	// What was on its way is nobody's; what comes later is a new customer's.
	late := []event.Fact{
		{Place: event.PlaceOf(50, 0), Type: event.Track, Name: "Late", ReceivedUS: before - 1, Identities: []event.Identity{{Kind: "user", Value: "annabelle"}}},
		{Place: event.PlaceOf(50, 1), Type: event.Track, Name: "New", ReceivedUS: time.Now().UnixMicro() + 1, Identities: []event.Identity{{Kind: "user", Value: "annabelle"}}},
	}
	got, err := d.registry.Apply(t.Context(), 50, late)
	if err != nil || got[0] != (Resolved{Nobody, Nobody}) || got[1].Customer == Nobody || got[1].Customer == key {
		t.Errorf("%+v %v", got, err)
	}
}

// searchFiles looks for texts in the bytes of the records' files.
func (d *desk) searchFiles(texts ...string) {
	d.t.Helper()
	files, err := filepath.Glob(d.path + "*")
	if err != nil || len(files) == 0 {
		d.t.Fatal("no files", err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			d.t.Fatal(err)
		}
		for _, text := range texts {
			if bytes.Contains(b, []byte(text)) {
				d.t.Errorf("%q is still in %s", text, filepath.Base(name))
			}
		}
	}
}

// searchRecords looks for a text in every column of every table of the room.
func (d *desk) searchRecords(text string) []string {
	d.t.Helper()
	path := d.t.TempDir() + "/copy.db"
	if err := d.registry.store.Snapshot(d.t.Context(), path); err != nil {
		d.t.Fatal(err)
	}
	return grepDatabase(d.t, path, text)
}

func TestRetention(t *testing.T) {
	t.Parallel()
	var deleted []string
	d := openDesk(t, Joined{Retain: func(_ context.Context, name string, beforeUS int64) (int64, error) {
		deleted = append(deleted, fmt.Sprintf("%s %d", name, (time.Now().UnixMicro()-beforeUS)/dayUS))
		return 2, nil
	}})
	d.exec(t, `INSERT INTO event_name VALUES (16, 'Page Viewed'), (17, 'Signed Up')`)
	d.must(http.MethodPut, "/v1/retention", map[string]any{"rules": []Retention{{"Page Viewed", 30}, {"*", 400}}}, nil)
	var got struct{ Rules []Retention }
	d.must(http.MethodGet, "/v1/retention", nil, &got)
	if len(got.Rules) != 2 {
		t.Errorf("%+v", got)
	}
	n, err := d.Enforce(t.Context())
	slices.Sort(deleted)
	if err != nil || n != int64(2*len(deleted)) || !slices.Contains(deleted, "Page Viewed 30") || !slices.Contains(deleted, "Signed Up 400") {
		t.Errorf("%d %v %v", n, deleted, err)
	}
	for _, bad := range [][]Retention{{{"Page Viewed", 0}}, {{"", 3}}, {{"x", 3}, {"x", 4}}} {
		if code := d.call(http.MethodPut, "/v1/retention", map[string]any{"rules": bad}, &[]byte{}); code != http.StatusUnprocessableEntity {
			t.Errorf("%v gave %d", bad, code)
		}
	}
}
