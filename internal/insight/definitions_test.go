package insight

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/kit/datatest"
)

var rewrite = flag.Bool("rewrite", false, "write the definitions into docs/look-up/metrics.md")

// TestMetricsPage holds docs/look-up/metrics.md to the definitions that the API serves: each table
// between <!-- kind --> and <!-- end --> is made of them.
func TestMetricsPage(t *testing.T) {
	t.Parallel()
	file := filepath.Join(datatest.Root(t), "docs", "look-up", "metrics.md")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	for _, kind := range []string{"kpi", "rfm", "cohort", "expectation", "trait"} {
		open, end := "<!-- "+kind+" -->\n", "<!-- end -->"
		head, rest, ok := strings.Cut(page, open)
		_, tail, closed := strings.Cut(rest, end)
		if !ok || !closed {
			t.Fatalf("the page has no table of %s", kind)
		}
		page = head + open + table(kind) + end + tail
	}
	if page == string(raw) {
		return
	}
	if !*rewrite {
		t.Fatal("docs/look-up/metrics.md differs from the definitions; run go test ./internal/insight -run MetricsPage -rewrite")
	}
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
}

func table(kind string) string {
	var b strings.Builder
	b.WriteString("| name | what it is | unit | from |\n|---|---|---|---|\n")
	for _, d := range Definitions() {
		if d.Kind == kind {
			b.WriteString("| `" + d.Name + "` | **" + d.Label + "**. " + d.Formula + " | " + d.Unit + " | " + d.Source + " |\n")
		}
	}
	return b.String()
}

func TestDefinitionsAreWhole(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, d := range Definitions() {
		if d.Name == "" || d.Label == "" || d.Formula == "" || d.Unit == "" || d.Source == "" {
			t.Errorf("%+v lacks something", d)
		}
		if seen[d.Kind+d.Name] {
			t.Errorf("%s is defined twice", d.Name)
		}
		seen[d.Kind+d.Name] = true
	}
}
