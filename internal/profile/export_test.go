package profile

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"
	"time"
)

// archived writes a dossier and reads its files.
func archived(t *testing.T, d *Dossier) map[string]string {
	t.Helper()
	var raw bytes.Buffer
	if err := d.Write(&raw); err != nil {
		t.Fatal(err)
	}
	return filesOf(t, raw.Bytes())
}

// filesOf reads the files of an archive.
func filesOf(t *testing.T, raw []byte) map[string]string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(text)
	}
	return files
}

// The export says where she is now, and since when.
func TestExportTellsOfSegments(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, time.May, 3, 9, 0, 0, 0, time.UTC)
	d := openDesk(t, Joined{Memberships: func(context.Context, uint32) ([]Membership, error) {
		return []Membership{{"gold", "Gold", &since}, {"vip", "=VIP", nil}}, nil
	}})
	d.say("identify user=ann")
	dossier, err := d.Gather(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	files := archived(t, dossier)
	if got := files["segments.csv"]; got != "id,name,since\ngold,Gold,2026-05-03T09:00:00Z\nvip,'=VIP,\n" {
		t.Errorf("%q", got)
	}
	if got := files["attributes.csv"]; got != "name,value,at,source\n" {
		t.Errorf("%q", got)
	}
}

// The receipt is printed as it is kept: it does not say again how she was named.
func TestTheReceiptNamesNobody(t *testing.T) {
	t.Parallel()
	d := openDesk(t, Joined{})
	d.say("identify user=ann email=ann@x.kr")
	var r Receipt
	d.must(http.MethodPost, "/v1/erasures", map[string]string{"customer": "email:ann@x.kr"}, &r)
	var kept list[Receipt]
	d.must(http.MethodGet, "/v1/erasures", nil, &kept.Body)
	if r.Customer != kept.Body.Items[0].Customer || r.Customer != "key:0" {
		t.Errorf("%q, kept as %q", r.Customer, kept.Body.Items[0].Customer)
	}
}
