package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/kit/fault"
)

// TestReportsMakeNoFolder: a folder whose name was mistyped is no empty shop, and is not made.
func TestReportsMakeNoFolder(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "mistyped")
	for _, args := range [][]string{
		{"report", "events"},
		{"report", "events", "--json"},
		{"report", "kpi"},
		{"report", "rfm"},
		{"report", "cohorts"},
		{"report", "clv"},
		{"report", "customers"},
		{"report", "segments"},
		{"report", "risk"},
		{"summary"},
		{"forecast", "revenue"},
	} {
		var out, talk bytes.Buffer
		status := Main(t.Context(), app.Build{}, append(args, "--data", folder), Streams{In: strings.NewReader(""), Out: &out, Err: &talk, Env: func(string) string { return "" }})
		if status != fault.ExitBadInput || out.Len() > 0 || !strings.Contains(talk.String(), "there is no such data folder ("+folder+")") || !strings.Contains(talk.String(), "→ ") {
			t.Errorf("%v: %d %q %q", args, status, out.String(), talk.String())
		}
		if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("%v made the folder: %v", args, err)
		}
	}
}
