package cli

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/app"
)

const oneRow = `{"items":[{"id":"ann","spend":{"amount":"5.00","currency":"GBP"},"expected_value":{"amount":"100.00","currency":"GBP"},"value_at_risk":{"amount":"25.00","currency":"GBP"},"p_no_order_90d":0.25}],"total":1}`

func TestCountsHaveTheirNouns(t *testing.T) {
	t.Parallel()
	s := stub{
		"POST /v1/analyses": says(202, `{"id":"job_1","state":"queued"}`), "GET /v1/jobs/job_1": says(200, `{"id":"job_1","state":"done","result":{"as_of":"2024-03-31","customers":1}}`),
		"GET /v1/status": says(200, analysed), "GET /v1/customers": says(200, oneRow),
		"GET /v1/models": says(200, `{"models":[]}`), "GET /v1/kpi": says(200, `{"from":"2024-03-01","to":"2024-03-31","customers":1,"orders":1,"revenue":{"amount":"5.00","currency":"GBP"}}`),
		"GET /v1/rfm": says(200, `{"as_of":"2024-03-31","groups":[{"group":"champions","customers":1,"spend":{"amount":"5.00","currency":"GBP"}},{"group":"at_risk","customers":1,"spend":{"amount":"5.00","currency":"GBP"}}]}`),
	}
	for want, args := range map[string][]string{
		"Analysed 1 customer as of": {"analyze"}, "1 of 1 customer is shown.": {"report", "customers"}, "1 customer made 1 order worth £5.00": {"report", "kpi"},
		"1 customer at risk has spent £5.00": {"report", "rfm"}, "1 champion, ": {"report", "rfm"},
	} {
		if status, out, talk := s.run(t.Context(), t, args...); status != 0 || !strings.Contains(out, want) {
			t.Errorf("%v: status %d, %q, %q; want %q", args, status, out, talk, want)
		}
	}
	if got := counted(1234, "person", "people") + ", " + counted(1, "row"); got != "1,234 people, 1 row" {
		t.Error(got)
	}
}

func TestWhatIsAtRiskIsShownWhereItIsSortedBy(t *testing.T) {
	t.Parallel()
	asked := ""
	s := stub{"GET /v1/status": says(200, analysed), "GET /v1/customers": func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Query().Get("sort")
		says(200, oneRow)(w, r)
	}}
	_, out, _ := s.run(t.Context(), t, "report", "customers", "--sort", "value_at_risk")
	if asked != "value_at_risk" || !strings.Contains(out, "at risk of it") || !strings.Contains(out, "£25.00") {
		t.Errorf("asked %q: %s", asked, out)
	}
	if _, out, _ = s.run(t.Context(), t, "report", "customers"); strings.Contains(out, "£25.00") {
		t.Errorf("without being asked: %s", out)
	}
}

// Customers are those who have ordered: who is in a segment and has not is told, not hidden.
func TestMembersWithoutOrdersAreTold(t *testing.T) {
	t.Parallel()
	s := stub{
		"GET /v1/status": says(200, analysed), "GET /v1/customers": says(200, oneRow), "GET /v1/customers.csv": says(200, "id\nann\n"),
		"GET /v1/segments/asleep": says(200, `{"kind":"rule","customers":4}`), "GET /v1/segments/all": says(200, `{"kind":"rule","customers":1}`), "GET /v1/segments/vip": says(200, `{"kind":"built_in","customers":4}`),
	}
	const want = "3 members of this segment have not ordered and are not listed: dangol segment members asleep"
	for _, more := range [][]string{{}, {"--csv"}} {
		if status, _, talk := s.run(t.Context(), t, append([]string{"report", "customers", "--segment", "asleep"}, more...)...); status != 0 || !strings.Contains(talk, want) {
			t.Errorf("%v: status %d, %q", more, status, talk)
		}
	}
	for _, segment := range []string{"all", "vip"} {
		if status, _, talk := s.run(t.Context(), t, "report", "customers", "--segment", segment); status != 0 || strings.Contains(talk, "not ordered") {
			t.Errorf("%s: status %d, %q", segment, status, talk)
		}
	}
}

// Excel reads a CSV as UTF-8 only with the mark; a program takes it for a part of the first heading.
func TestCSVInAFileIsMarkedForSpreadsheets(t *testing.T) {
	t.Parallel()
	s := stub{"GET /v1/status": says(200, analysed), "GET /v1/customers.csv": says(200, "id,name\nann,문유진\n"), "GET /v1/segments": says(200, `{"items":[]}`)}
	url := s.serve(t)
	for _, args := range [][]string{{"report", "customers", "--csv"}, {"report", "segments", "--csv"}, {"report", "customers", "--csv", "--limit", "1"}} {
		f, err := os.Create(filepath.Join(t.TempDir(), "call.csv"))
		if err != nil {
			t.Fatal(err)
		}
		streams := Streams{In: strings.NewReader(""), Out: f, Err: os.Stderr, Env: func(string) string { return "" }}
		for range 2 { // what is appended is in the middle of the file
			if status := Main(t.Context(), app.Build{}, append(args, "--server", url), streams); status != 0 {
				t.Fatalf("%v: status %d", args, status)
			}
		}
		b, err := os.ReadFile(f.Name())
		if err != nil || !strings.HasPrefix(string(b), "\ufeff") || strings.Count(string(b), "\ufeff") != 1 {
			t.Errorf("%v: %q, %v", args, b, err)
		}
		if _, out, _ := s.run(t.Context(), t, args...); strings.Contains(out, "\ufeff") {
			t.Errorf("%v into a pipe: %q", args, out)
		}
		_ = f.Close()
	}
}
