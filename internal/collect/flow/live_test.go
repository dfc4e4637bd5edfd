package flow

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/kit/rest"
)

// TestLiveRefusesAFateThatIsNone: a stream that nothing can ever come on is no answer.
func TestLiveRefusesAFateThatIsNone(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(rest.WithPrincipal(t.Context(), rest.Principal{Scope: rest.Read}), http.MethodGet, "/v1/events/live?fate=nope", http.NoBody)
	w := httptest.NewRecorder()
	Live(nil, nil, nil).ServeHTTP(w, r)
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "flow.bad_fate") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
