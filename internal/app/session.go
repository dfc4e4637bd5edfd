package app

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/id"
	"github.com/dangol/dangol/internal/kit/rest"
)

const (
	sessionCookie = "dangol_session"
	sessionLife   = 12 * time.Hour
	// maxSessions bounds memory; the one that ends first makes place for a new one.
	maxSessions = 10_000
)

// sessions are the browsers that gave a key. They live in memory: after a restart people sign in again. Each request
// verifies the key anew, so revoking it ends its sessions at once.
type sessions struct {
	mu    sync.Mutex
	clock clock.Clock
	open  map[string]session
}

type session struct {
	secret string
	ends   time.Time
}

func newSessions(c clock.Clock) *sessions { return &sessions{clock: c, open: map[string]session{}} }

func (s *sessions) begin(secret string) string {
	token, now := id.Secret(), s.clock()
	s.mu.Lock()
	defer s.mu.Unlock()
	oldest := ""
	for t, o := range s.open {
		if o.ends.Before(now) {
			delete(s.open, t)
		} else if oldest == "" || o.ends.Before(s.open[oldest].ends) {
			oldest = t
		}
	}
	if len(s.open) >= maxSessions {
		delete(s.open, oldest)
	}
	s.open[token] = session{secret, now.Add(sessionLife)}
	return token
}

func (s *sessions) key(token string) (secret string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.open[token]
	if !ok || o.ends.Before(s.clock()) {
		return "", false
	}
	return o.secret, true
}

func (s *sessions) end(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, token)
}

// Session says who the caller is.
type Session struct {
	Name  string     `json:"name"`
	Scope rest.Scope `json:"scope" doc:"public: a key is needed to see anything"`
}

type sessionInput struct {
	secure bool
	Cookie string `cookie:"dangol_session"`
}

// Resolve looks whether the browser speaks over TLS, here or at a proxy: only then the cookie may demand it.
func (in *sessionInput) Resolve(ctx huma.Context) []error {
	in.secure = ctx.TLS() != nil || ctx.Header("X-Forwarded-Proto") == "https"
	return nil
}

type signInInput struct {
	sessionInput
	Body struct {
		Key string `json:"key" minLength:"1" maxLength:"200" doc:"an API key"`
	}
}

type sessionOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      Session
}

func (a *App) registerSession() {
	a.sessions = newSessions(a.Clock)
	rest.Register(a.api, rest.Op{ID: "get-session", Method: http.MethodGet, Path: "/v1/session", Tag: "Keys", Summary: "Who the caller is", Needs: rest.Public},
		func(ctx context.Context, _ *struct{}) (*struct{ Body Session }, error) {
			p := rest.Caller(ctx)
			return &struct{ Body Session }{Session{p.Name, p.Scope}}, nil
		})
	rest.Register(a.api, rest.Op{
		ID: "sign-in", Method: http.MethodPost, Path: "/v1/session", Tag: "Keys", Summary: "Let a browser in with an API key",
		Description: "Sets a cookie that scripts cannot read and other sites cannot use. It ends after twelve hours, when the key is revoked, and when the server restarts.", Needs: rest.Public,
	},
		func(ctx context.Context, in *signInInput) (*sessionOutput, error) {
			p, err := a.accounts.Verify(ctx, in.Body.Key)
			if err != nil {
				return nil, err
			}
			return &sessionOutput{cookie(a.sessions.begin(in.Body.Key), int(sessionLife.Seconds()), in.secure), Session{p.Name, p.Scope}}, nil
		})
	rest.Register(a.api, rest.Op{ID: "sign-out", Method: http.MethodDelete, Path: "/v1/session", Tag: "Keys", Summary: "End the browser's session", Needs: rest.Public},
		func(_ context.Context, in *sessionInput) (*sessionOutput, error) {
			a.sessions.end(in.Cookie)
			return &sessionOutput{cookie("", -1, in.secure), Session{"nobody", rest.Public}}, nil
		})
}

func cookie(value string, age int, secure bool) http.Cookie {
	return http.Cookie{Name: sessionCookie, Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: secure, SameSite: http.SameSiteStrictMode} //nolint:gosec // Secure wherever the browser speaks TLS; on loopback it does not
}

// signedIn finds the caller by the session cookie; found is false without one that is still open.
func (a *App) signedIn(r *http.Request, foreign *http.CrossOriginProtection) (p rest.Principal, found bool, err error) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return p, false, nil //nolint:nilerr // no cookie, no session
	}
	secret, open := a.sessions.key(c.Value)
	if !open {
		return p, false, nil
	}
	// A cookie goes with every request of the browser, also with one that another site's page begins.
	if err := foreign.Check(r); err != nil {
		return p, false, foreignOrigin(r)
	}
	p, err = a.accounts.Verify(r.Context(), secret)
	if fault.CodeOf(err) == fault.Unauthenticated {
		a.sessions.end(c.Value) // the key was revoked
		return p, false, nil
	}
	return p, err == nil, err
}

func foreignOrigin(r *http.Request) error {
	return fault.New(fault.Forbidden, "app.foreign_origin", "a page of another site may not change anything here").
		At(fault.Place{Field: "Origin", Value: r.Header.Get("Origin")}).Then("Use the console at this server's own address, or an API key.")
}
