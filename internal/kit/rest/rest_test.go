package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
)

type body struct {
	Body struct {
		Name string `json:"name" minLength:"2"`
	}
}

func call(t *testing.T, needs, has rest.Scope, payload string, fail error) (*httptest.ResponseRecorder, rest.Problem, *rest.Failure) {
	t.Helper()
	mux := http.NewServeMux()
	api := rest.New(mux, "test")
	rest.Register(api, rest.Op{ID: "name-thing", Method: http.MethodPost, Path: "/v1/things", Tag: "Things", Summary: "Name a thing", Needs: needs},
		func(_ context.Context, in *body) (*body, error) { return in, fail })
	ctx, failure := rest.WithFailure(rest.WithPrincipal(t.Context(), rest.Principal{Name: "k", Scope: has}))
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/v1/things", strings.NewReader(payload))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	var p rest.Problem
	if w.Code >= 400 {
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Fatalf("%v in %s", err, w.Body)
		}
		if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
			t.Errorf("content type %q", got)
		}
	}
	return w, p, failure
}

func TestScopes(t *testing.T) {
	scopes := []rest.Scope{rest.Public, rest.Read, rest.Write, rest.Admin}
	for i, needs := range scopes {
		for j, has := range scopes {
			w, p, _ := call(t, needs, has, `{"name":"one"}`, nil)
			want := http.StatusOK
			if j < i {
				want = http.StatusForbidden
				if has == rest.Public {
					want = http.StatusUnauthorized
				}
			}
			if w.Code != want || (want >= 400 && p.Next == "") {
				t.Errorf("needs %s, has %s: status %d, problem %+v", needs, has, w.Code, p)
			}
		}
	}
}

func TestScopeIsCheckedBeforeInput(t *testing.T) {
	if w, _, _ := call(t, rest.Write, rest.Read, `not json`, nil); w.Code != http.StatusForbidden {
		t.Errorf("status %d", w.Code)
	}
}

func TestProblems(t *testing.T) {
	_, p, failure := call(t, rest.Read, rest.Read, `{"name":"one"}`,
		fault.New(fault.Conflict, "thing.taken", "the name is taken").Then("Choose another.").At(fault.Place{Field: "name"}))
	if p.Type != "thing.taken" || p.Status != 409 || p.Next != "Choose another." || p.Where == nil || p.Where.Field != "name" {
		t.Errorf("%+v", p)
	}
	if failure.Err() == nil {
		t.Error("the failure was not noted")
	}
	if f := p.FaultOf(); f.Code != fault.Conflict || f.Reason != "thing.taken" || f.Where.Field != "name" {
		t.Errorf("%+v", f)
	}
	_, p, _ = call(t, rest.Read, rest.Read, `{"name":"one"}`, errors.New("password is hunter2"))
	if p.Status != 500 || strings.Contains(p.Detail, "hunter2") {
		t.Errorf("%+v", p)
	}
	w, p, _ := call(t, rest.Read, rest.Read, `{"name":"x"}`, nil)
	if w.Code != 422 || len(p.Errors) != 1 || p.Errors[0].Location != "body.name" || p.Code != fault.Invalid {
		t.Errorf("%d %+v", w.Code, p)
	}
	if w, _, _ = call(t, rest.Read, rest.Read, `{"name":"`+strings.Repeat("x", 1<<20)+`"}`, nil); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a body over the limit gave %d", w.Code)
	}
}
