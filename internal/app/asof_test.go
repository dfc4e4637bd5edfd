package app

import (
	"net/http"
	"strings"
	"testing"
)

// What only the kept analysis answers is refused for another day, with the day that is kept and the way to the other.
func TestAnswersOfTheKeptAnalysisAreOfTheDayAskedFor(t *testing.T) {
	a := openShop(t, 40)
	paths := []string{
		"/v1/customers", "/v1/customers.csv", "/v1/customers.ndjson", "/v1/segments", "/v1/segments/vip", "/v1/segments/vip/overlap", "/v1/value", "/v1/customers/c00007",
		"/v1/export/customers", "/v1/export/segments",
	}
	get := func(path, asOf string) (code int, reason, body string) {
		if asOf != "" {
			path += "?as_of=" + asOf
		}
		w, reason := (shot{method: http.MethodGet, path: path}).at(t, a.OwnerHandler())
		return w.Code, reason, w.Body.String()
	}
	for _, path := range paths {
		if code, reason, _ := get(path, ""); code != http.StatusOK {
			t.Errorf("%s without a day: %d %s", path, code, reason)
		}
		if code, reason, _ := get(path, "2024-01-28"); code != http.StatusOK {
			t.Errorf("%s of the day kept: %d %s", path, code, reason)
		}
		code, reason, body := get(path, "2024-01-10")
		if code != http.StatusConflict || reason != "audience.not_analysed" {
			t.Errorf("%s of another day: %d %s", path, code, reason)
		}
		for _, want := range []string{"as of 2024-01-28", `POST /v1/analyses {\"as_of\":\"2024-01-10\"}`, "dangol analyze --as-of 2024-01-10"} {
			if !strings.Contains(body, want) {
				t.Errorf("%s of another day does not say %q: %s", path, want, body)
			}
		}
		if code, reason, _ := get(path, "2024-02-30"); code != http.StatusUnprocessableEntity {
			t.Errorf("%s of no day: %d %s", path, code, reason)
		}
	}
	if code, reason, _ := get("/v1/export/orders", "2024-01-28"); code != http.StatusUnprocessableEntity || reason != "audience.as_of_unused" {
		t.Errorf("orders as of a day: %d %s", code, reason)
	}
}
