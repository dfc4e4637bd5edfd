package app

import (
	"net"
	"net/http"
	"strings"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
)

// asOwner is for callers that hold the data folder itself: the command line in this process and the socket.
func asOwner(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		owner := rest.Principal{Name: "data folder", Scope: rest.Admin, Local: true}
		next.ServeHTTP(w, r.WithContext(rest.WithPrincipal(r.Context(), owner)))
	})
}

// identify finds out who calls over TCP.
func (a *App) identify(loopback bool, next http.Handler) http.Handler {
	foreign := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, err := a.caller(r, loopback, foreign)
		if err != nil {
			rest.WriteProblem(w, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(rest.WithPrincipal(r.Context(), caller)))
	})
}

func (a *App) caller(r *http.Request, loopback bool, foreign *http.CrossOriginProtection) (rest.Principal, error) {
	nobody := rest.Principal{Name: "nobody", Scope: rest.Public}
	if strings.HasPrefix(r.URL.Path, "/v1/hooks/") || r.URL.Path == "/readyz" || r.URL.Path == "/healthz" {
		return nobody, nil // a webhook's signature is its key, and it may come through a proxy; health is no secret
	}
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, secret, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return nobody, fault.New(fault.Unauthenticated, "rest.bad_scheme", "the Authorization header is not of the kind Bearer").
				Then("Send \"Authorization: Bearer KEY\".")
		}
		return a.accounts.Verify(r.Context(), strings.TrimSpace(secret))
	}
	if p, found, err := a.signedIn(r, foreign); found || err != nil {
		return p, err
	}
	if !loopback {
		return nobody, nil
	}
	some, err := a.accounts.AnyKey(r.Context())
	if err != nil || some {
		return nobody, err
	}
	// From here on the caller is trusted for being on this machine, so it must be certain that it is, and that
	// no page of another site speaks through this user's browser.
	if err := certainlyLocal(r); err != nil {
		return nobody, err
	}
	if err := foreign.Check(r); err != nil {
		return nobody, foreignOrigin(r)
	}
	return rest.Principal{Name: "local user", Scope: rest.Admin}, nil
}

// certainlyLocal refuses names that a foreign page could point at this machine, and requests that a proxy brought.
func certainlyLocal(r *http.Request) error {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if !isLoopback(host) {
		return fault.New(fault.Forbidden, "app.foreign_host", "without an API key this server answers only to localhost, 127.0.0.1 and [::1]").
			At(fault.Place{Field: "Host", Value: r.Host}).Then("Open it under one of those names, or make a key with `dangol key create`.")
	}
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if r.Header.Get(h) != "" {
			return fault.New(fault.Forbidden, "app.proxied", "this request came through a proxy, and without an API key only this machine's own user is let in").
				At(fault.Place{Field: h}).Then("Make a key with `dangol key create`; from then on every caller needs one.")
		}
	}
	return nil
}
