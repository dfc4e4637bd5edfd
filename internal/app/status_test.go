package app

import (
	"context"
	"testing"

	"github.com/dangol/dangol/internal/kit/job"
)

// An import reads the currency when it begins and counts in it to the end.
func TestTheCurrencyStaysWhileWorkRuns(t *testing.T) {
	a := openTest(t)
	h := a.Handler(true)
	put := func(body string) (int, string) {
		w, reason := (shot{method: "PUT", path: "/v1/settings", body: body}).at(t, h)
		return w.Code, reason
	}
	if code, _ := put(`{"currency":"EUR"}`); code != 200 {
		t.Fatalf("status %d", code)
	}
	release := make(chan struct{})
	j := a.jobs.Start("import", func(context.Context, *job.Progress) (any, error) { <-release; return 1, nil })
	if code, reason := put(`{"currency":"KRW"}`); code != 409 || reason != "app.work_running" {
		t.Errorf("another currency: %d %s", code, reason)
	}
	if code, _ := put(`{"currency":"EUR","rates":{"KRW":"1500"}}`); code != 200 {
		t.Errorf("the same currency and a rate: %d", code)
	}
	close(release)
	if _, err := a.jobs.Wait(t.Context(), j.ID); err != nil {
		t.Fatal(err)
	}
	if code, _ := put(`{"currency":"KRW"}`); code != 200 {
		t.Errorf("after the work: %d", code)
	}
}
