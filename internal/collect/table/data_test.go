package table

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// dataFile returns a public data set's path, or skips the test, saying so.
func dataFile(tb testing.TB, name string) string {
	tb.Helper()
	dir := os.Getenv("DANGOL_TEST_DATA")
	if dir == "" {
		dir = filepath.Join(projectRoot(tb), "..", "shared", "data")
	}
	path := filepath.Join(dir, filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		tb.Skipf("SKIPPED: the data set %s is not at %s; set DANGOL_TEST_DATA to the folder that holds it", name, dir)
	}
	return path
}

func projectRoot(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if up := filepath.Dir(dir); up != dir {
			dir = up
			continue
		}
		tb.Fatal("go.mod is in no folder above the test")
	}
}

func TestPublicFiles(t *testing.T) {
	for _, c := range []struct {
		file, delimiter string
		format          Format
		header          bool
		columns         int
		rows            int
	}{
		{"online_retail/online_retail.csv.gz", ",", CSV, true, 8, 541909},
		{"cdnow/CDNOW_master.txt", " ", Text, true, 4, 69659},
		{"cdnow/CDNOW_sample.txt", " ", Text, false, 5, 6919},
		{"telco/Telco-Customer-Churn.csv", ",", CSV, true, 21, 7043},
		{"hillstrom/hillstrom.csv.gz", ",", CSV, true, 12, 64000},
		{"donations/donations.csv", ",", CSV, true, 4, 22},
	} {
		t.Run(c.file, func(t *testing.T) {
			tab, err := Open(context.Background(), dataFile(t, c.file), Options{})
			if err != nil {
				t.Fatal(err)
			}
			i := tab.Info()
			if i.Format != c.format || i.Delimiter != c.delimiter || i.HasHeader != c.header || len(tab.Columns()) != c.columns {
				t.Errorf("found %+v with columns %q", i, tab.Columns())
			}
			if good, bad := count(t, tab); good != c.rows || bad != 0 {
				t.Errorf("%d rows and %d malformed, want %d and none", good, bad, c.rows)
			}
			if read, _ := tab.Progress(); read != i.Bytes {
				t.Errorf("progress ended at %d of %d bytes", read, i.Bytes)
			}
		})
	}
}

func count(t *testing.T, tab *Table) (good, bad int) {
	t.Helper()
	rows, err := tab.Rows(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var b Batch
	for {
		err := rows.Next(&b)
		if errors.Is(err, io.EOF) {
			return good, bad
		}
		if err != nil {
			t.Fatal(err)
		}
		good += b.Len()
		bad += len(b.Malformed())
	}
}
