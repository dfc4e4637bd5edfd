package rule_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/dangol/dangol/internal/query/rule"
)

var rewrite = flag.Bool("rewrite", false, "write the answers into the scripts")

// TestSentences reads testdata/sentences.txtar: each file is a rule, named for what it shows, and its sentences.
func TestSentences(t *testing.T) {
	const file = "testdata/sentences.txtar"
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := shop()
	changed := false
	for i, f := range a.Files {
		text, want, _ := strings.Cut(string(f.Data), "\n")
		r := parsed(t, text)
		if err := rule.Check(r, c); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		var got strings.Builder
		for _, lang := range []string{"en", "ko", "th"} {
			fmt.Fprintf(&got, "%s\n", rule.Sentence(r, c, lang))
		}
		if got.String() == want {
			continue
		}
		if !*rewrite {
			t.Errorf("%s: got\n%swant\n%s", f.Name, got.String(), want)
		}
		a.Files[i].Data, changed = []byte(text+"\n"+got.String()), true
	}
	if *rewrite && changed {
		if err := os.WriteFile(file, txtar.Format(a), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
