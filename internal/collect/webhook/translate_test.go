package webhook

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write what the deliveries tell into testdata")

var received = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

// recorded is a file of deliveries: its comment says kind, shop and mapping, each file is "n topic" and holds a body; "n want" is what it tells.
type recorded struct {
	hook    *Hook
	shop    string
	archive *txtar.Archive
	path    string
}

func readRecorded(t testing.TB, path string) recorded {
	t.Helper()
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := recorded{hook: &Hook{ID: "hook_1", Name: "test"}, archive: a, path: path}
	for line := range strings.Lines(string(a.Comment)) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "kind":
			r.hook.Kind = Kind(rest)
		case "shop":
			r.shop = rest
		case "mapping":
			r.hook.Mapping = json.RawMessage(rest)
		}
	}
	if err := r.hook.check(); err != nil {
		t.Fatal(err)
	}
	return r
}

// shelf is a memory for tests.
type shelf map[string]buyer

func (s shelf) find(shop, order string) (buyer, bool) {
	b, ok := s[shop+"\x00"+order]
	return b, ok
}

func (s shelf) keep(list []buyer) {
	for _, b := range list {
		s[b.shop+"\x00"+b.order] = b
	}
}

// each calls do for every delivery of the file, with what it tells.
func (r *recorded) each(do func(name string, t Translation)) {
	kept := shelf{}
	for _, f := range r.archive.Files {
		n, topic, _ := strings.Cut(f.Name, " ")
		if topic == "want" {
			continue
		}
		t := r.hook.translate(Delivery{Topic: topic, Shop: r.shop, ID: "d-" + n, At: received, Body: f.Data}, kept.find)
		kept.keep(t.buyers)
		do(f.Name, t)
	}
}

func (t *Translation) golden() []byte {
	var b bytes.Buffer
	for _, e := range t.Events {
		_ = json.Indent(&b, e, "", "  ")
		b.WriteByte('\n')
	}
	for _, p := range t.Products {
		text, _ := json.Marshal(p)
		fmt.Fprintf(&b, "PRODUCT %s\n", text)
	}
	for _, p := range t.Problems {
		fmt.Fprintf(&b, "PROBLEM %s: %s. %s\n", p.Path, p.Sentence, p.Next)
	}
	if t.Note != "" {
		fmt.Fprintf(&b, "NOTE %s\n", t.Note)
	}
	for _, k := range t.buyers {
		fmt.Fprintf(&b, "BUYER of %s %s is %s %s\n", k.shop, k.order, k.kind, k.value)
	}
	return b.Bytes()
}

func paths(t testing.TB) []string {
	t.Helper()
	list, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(list) == 0 {
		t.Fatal("no recorded deliveries", err)
	}
	return list
}

func TestRecordedDeliveries(t *testing.T) {
	t.Parallel()
	for _, path := range paths(t) {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(path, "testdata/"), ".txtar"), func(t *testing.T) {
			t.Parallel()
			r := readRecorded(t, path)
			want := map[string]string{}
			for _, f := range r.archive.Files {
				if n, ok := strings.CutSuffix(f.Name, " want"); ok {
					want[n] = string(f.Data)
				}
			}
			var files []txtar.File
			r.each(func(name string, tr Translation) {
				n, _, _ := strings.Cut(name, " ")
				got := string(tr.golden())
				for _, f := range r.archive.Files {
					if f.Name == name {
						files = append(files, f, txtar.File{Name: n + " want", Data: []byte(got)})
					}
				}
				if diff := cmp.Diff(want[n], got); diff != "" && !*update {
					t.Errorf("%s: %s", name, diff)
				}
			})
			if *update {
				r.archive.Files = files
				if err := os.WriteFile(path, txtar.Format(r.archive), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
