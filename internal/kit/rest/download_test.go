package rest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
)

// fetch asks a server for a download that write fills.
func fetch(t *testing.T, write func(context.Context, io.Writer) error) (answer *http.Response, body string, failed error) {
	t.Helper()
	mux := http.NewServeMux()
	rest.Register(rest.New(mux, "test"), rest.Op{ID: "get-rows", Method: http.MethodGet, Path: "/v1/rows", Tag: "Rows", Summary: "rows", Needs: rest.Public},
		func(context.Context, *struct{}) (*huma.StreamResponse, error) {
			return rest.Download(map[string]string{"Content-Type": "text/csv", "Content-Disposition": "attachment"}, write), nil
		})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/v1/rows", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err = server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	b, failed := io.ReadAll(answer.Body)
	return answer, string(b), failed
}

func rows(w io.Writer, n int) error {
	for range n {
		if _, err := io.WriteString(w, "row\n"); err != nil {
			return err
		}
	}
	return nil
}

func TestDownloadWhole(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 100_000} {
		answer, body, err := fetch(t, func(_ context.Context, w io.Writer) error { return rows(w, n) })
		if err != nil || answer.StatusCode != http.StatusOK || len(body) != 4*n || answer.Header.Get("Content-Type") != "text/csv" {
			t.Errorf("%d rows: %d, %d bytes, %v, %v", n, answer.StatusCode, len(body), answer.Header, err)
		}
	}
}

func TestDownloadThatFailsEarlyIsAProblem(t *testing.T) {
	t.Parallel()
	answer, body, err := fetch(t, func(_ context.Context, w io.Writer) error {
		return errors.Join(rows(w, 10), fault.New(fault.Unavailable, "rows.busy", "busy"))
	})
	if err != nil || answer.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body, "rows.busy") || strings.Contains(body, "row\n") {
		t.Errorf("%d %q %v", answer.StatusCode, body, err)
	}
	if got := answer.Header; got.Get("Content-Type") != "application/problem+json" || got.Get("Content-Disposition") != "" {
		t.Errorf("%v", got)
	}
}

func TestDownloadThatFailsLateIsBroken(t *testing.T) {
	t.Parallel()
	answer, body, err := fetch(t, func(_ context.Context, w io.Writer) error {
		return errors.Join(rows(w, 100_000), errors.New("disk on fire"))
	})
	if answer.StatusCode != http.StatusOK || err == nil || strings.Contains(body, "fire") {
		t.Errorf("%d, %d bytes, error %v: looks complete", answer.StatusCode, len(body), err)
	}
}
