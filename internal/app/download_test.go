package app

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/kit/job"
)

// openShop opens a house with so many analysed customers that their list does not fit a buffer.
func openShop(t *testing.T, customers int) *App {
	t.Helper()
	a := openTest(t)
	file := filepath.Join(t.TempDir(), "orders.csv")
	var b bytes.Buffer
	b.WriteString("order,date,customer,name,amount\n")
	for i := range customers {
		fmt.Fprintf(&b, "%d,2024-01-%02d,c%05d,손님 %d,%d.00\n", i, 1+i%28, i, i, 10+i%50)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, begin := range []shot{
		{method: http.MethodPost, path: "/v1/imports", body: `{"path":"` + file + `","options":{"currency":"GBP"}}`},
		{method: http.MethodPost, path: "/v1/analyses", body: `{}`},
	} {
		w, _ := begin.at(t, a.OwnerHandler())
		var j job.Job
		if err := json.Unmarshal(w.Body.Bytes(), &j); err != nil {
			t.Fatal(err)
		}
		j, err := a.jobs.Wait(t.Context(), j.ID)
		if err != nil || j.State != job.Done {
			t.Fatalf("%s: %+v %v", begin.path, j.Problem, err)
		}
	}
	return a
}

// spoil makes the last rows of the state unreadable, as a damaged file would.
func (a *App) spoil(t *testing.T, where string) {
	t.Helper()
	err := a.rooms.warehouse.Bulk(t.Context(), func(conn *sql.Conn) error {
		_, err := conn.ExecContext(context.WithoutCancel(t.Context()), `UPDATE customer_state SET last_market = NULL WHERE `+where)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func fetch(t *testing.T, address, encoding string) (*http.Response, []byte, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", encoding)
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body := io.Reader(answer.Body)
	if answer.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(body); err != nil {
			return answer, nil, err
		}
	}
	b, err := io.ReadAll(body)
	return answer, b, err
}

func TestDownloadIsWholeOrBroken(t *testing.T) {
	t.Parallel()
	const many = 3000
	a := openShop(t, many)
	server := httptest.NewServer(a.Handler(true))
	defer server.Close()
	paths := []string{"/v1/customers.csv?sort=id&order=asc", "/v1/customers.ndjson?sort=id&order=asc"}
	for _, path := range append(paths, "/v1/export/customers?format=csv", "/v1/export/segments") {
		answer, b, err := fetch(t, server.URL+path, "identity")
		if err != nil || answer.StatusCode != http.StatusOK || bytes.Count(b, []byte("\n")) < many {
			t.Errorf("%s: %d, %d lines, %v", path, answer.StatusCode, bytes.Count(b, []byte("\n")), err)
		}
	}
	a.spoil(t, "customer_key = (SELECT max(customer_key) FROM customer_state)")
	for _, path := range paths {
		for _, encoding := range []string{"identity", "gzip"} {
			answer, b, err := fetch(t, server.URL+path, encoding)
			if err == nil || errors.Is(err, io.EOF) || answer.StatusCode != http.StatusOK {
				t.Errorf("%s as %s: %d, %d bytes, %v: looks complete", path, encoding, answer.StatusCode, len(b), err)
			}
		}
		near := &http.Client{Transport: inProcess{a.OwnerHandler()}}
		answer, err := near.Get("http://in-process" + path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, answer.Body); err == nil {
			t.Errorf("%s in the process looks complete", path)
		}
		_ = answer.Body.Close()
	}
	a.spoil(t, "true")
	for _, path := range paths {
		answer, b, err := fetch(t, server.URL+path, "identity")
		if err != nil || answer.StatusCode != http.StatusInternalServerError || !strings.HasPrefix(answer.Header.Get("Content-Type"), "application/problem+json") || answer.Header.Get("Content-Disposition") != "" {
			t.Errorf("%s that fails at once: %d %v %s", path, answer.StatusCode, err, b)
		}
	}
}

func TestByteOrderMarkForSpreadsheets(t *testing.T) {
	t.Parallel()
	a := openShop(t, 3)
	get := func(path string) string {
		w, _ := shot{method: http.MethodGet, path: path}.at(t, a.OwnerHandler())
		return w.Body.String()
	}
	plain, marked := get("/v1/customers.csv"), get("/v1/customers.csv?bom=true")
	if !strings.HasPrefix(plain, "id,name,") || marked != "\ufeff"+plain || !strings.Contains(plain, "손님") {
		t.Errorf("plain %q, with the mark %q", plain, marked)
	}
}

// Whom it costs most to lose comes first: not who is worth most, who stays, nor who has left already and is worth nothing.
func TestCustomersByWhatTheirLeavingCosts(t *testing.T) {
	t.Parallel()
	a := openShop(t, 4)
	err := a.rooms.warehouse.Bulk(t.Context(), func(conn *sql.Conn) error {
		_, err := conn.ExecContext(context.WithoutCancel(t.Context()), `UPDATE customer_state SET
			expected_value_minor = CASE customer_key % 4 WHEN 0 THEN 100000 WHEN 1 THEN 50001 WHEN 2 THEN 100 END,
			p_no_order_90d = CASE customer_key % 4 WHEN 0 THEN 0.1 WHEN 1 THEN 0.5 WHEN 2 THEN 1.0 ELSE 0.9 END`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w, _ := shot{method: http.MethodGet, path: "/v1/customers?sort=value_at_risk"}.at(t, a.OwnerHandler())
	var page struct {
		Items []struct {
			AtRisk *struct{ Amount string } `json:"value_at_risk"`
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || len(page.Items) != 4 {
		t.Fatalf("%v, %s", err, w.Body)
	}
	for i, want := range []string{"250.01", "100.00", "1.00"} {
		if got := page.Items[i].AtRisk; got == nil || got.Amount != want {
			t.Errorf("%d: %+v, want %s", i, got, want)
		}
	}
	if page.Items[3].AtRisk != nil {
		t.Error("without an expected value something is at risk")
	}
	w, _ = shot{method: http.MethodGet, path: "/v1/customers.csv?sort=value_at_risk"}.at(t, a.OwnerHandler())
	if !strings.Contains(w.Body.String(), ",expected_value,value_at_risk,rfm,") || !strings.Contains(w.Body.String(), ",500.01,250.01,") {
		t.Error(w.Body)
	}
}
