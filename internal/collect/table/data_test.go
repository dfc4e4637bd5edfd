package table

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/dangol/dangol/internal/kit/datatest"
)

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
			tab, err := Open(context.Background(), datatest.Path(t, c.file), Options{})
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
