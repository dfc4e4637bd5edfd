package app

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/collect"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/market"
)

const plainOrders = `order,date,customer,product,amount
1,2024-01-03,ann,tea,1200.00
1,2024-01-03,ann,tea,1200.00
2,2024-01-15,bob,,3000.00
2r,2024-01-20,bob,,-500.00
3,2024-02-10,ann,cup,40.00
`

func takeIn(t *testing.T, a *App, text, options string) (job.Job, collect.Result) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "orders.csv")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w, _ := (shot{method: http.MethodPost, path: "/v1/imports", body: `{"path":"` + file + `","options":{` + options + `}}`}).at(t, a.OwnerHandler())
	var j job.Job
	if err := json.Unmarshal(w.Body.Bytes(), &j); err != nil {
		t.Fatal(err)
	}
	j, err := a.jobs.Wait(t.Context(), j.ID)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := j.Result.(collect.Result)
	return j, r
}

func ask(t *testing.T, a *App, method, path, body string) (code int, reason, answer string) {
	t.Helper()
	w, reason := (shot{method: method, path: path, body: body}).at(t, a.OwnerHandler())
	return w.Code, reason, w.Body.String()
}

// What came without a currency is given one, once: with two decimals, with none, with three. The same file then adds nothing.
func TestOrdersWithoutACurrencyAreGivenOne(t *testing.T) {
	for code, revenue := range map[string]string{"EUR": "5440.00", "KRW": "5440", "KWD": "5440.000"} {
		t.Run(code, func(t *testing.T) {
			a := openTest(t)
			if j, _ := takeIn(t, a, plainOrders, ""); j.State != job.Done {
				t.Fatalf("%+v", j.Problem)
			}
			w, _ := (shot{method: http.MethodPost, path: "/v1/analyses", body: `{}`}).at(t, a.OwnerHandler())
			var j job.Job
			if err := json.Unmarshal(w.Body.Bytes(), &j); err != nil {
				t.Fatal(err)
			}
			if _, err := a.jobs.Wait(t.Context(), j.ID); err != nil {
				t.Fatal(err)
			}
			if _, _, body := ask(t, a, "GET", "/v1/kpi", ""); !strings.Contains(body, `"revenue":{"amount":"5440.00","currency":"XXX"}`) {
				t.Fatalf("before: %s", body)
			}
			if j, _ := takeIn(t, a, plainOrders, `"currency":"`+code+`","base_currency":"`+code+`"`); j.Problem == nil || j.Problem.Type != "market.currency_unnamed" {
				t.Errorf("an import in %s before: %+v", code, j.Problem)
			}
			if status, reason, body := ask(t, a, "PUT", "/v1/settings", `{"currency":"`+code+`"}`); status != 200 {
				t.Fatalf("%d %s %s", status, reason, body)
			}
			if _, _, body := ask(t, a, "GET", "/v1/kpi", ""); !strings.Contains(body, `"revenue":{"amount":"`+revenue+`","currency":"`+code+`"}`) {
				t.Errorf("after: %s", body)
			}
			if _, _, body := ask(t, a, "GET", "/v1/customers/ann", ""); !strings.Contains(body, `"amount":{"amount":"`+strings.Replace(revenue, "5440", "2400", 1)+`","currency":"`+code+`"}`) {
				t.Errorf("her orders: %s", body)
			}
			if s, err := a.status(t.Context()); err != nil || s.Analysis != nil || s.Currency != code {
				t.Errorf("the analysis of other amounts is kept: %+v %v", s, err)
			}
			for _, options := range []string{"", `"currency":"` + code + `"`} {
				if j, r := takeIn(t, a, plainOrders, options); j.State != job.Done || r.AlreadyPresent != 5 || r.LinesAccepted+r.RefundLines != 0 {
					t.Errorf("the same file again, {%s}: %+v %+v", options, j.Problem, r)
				}
			}
			if status, reason, _ := ask(t, a, "PUT", "/v1/settings", `{"currency":"USD"}`); status != 409 || reason != "market.currency_fixed" {
				t.Errorf("a second time: %d %s", status, reason)
			}
		})
	}
}

// Amounts with decimals are not those of a currency that has none: refused, and nothing changed.
func TestACurrencyTooCoarseIsRefused(t *testing.T) {
	a := openTest(t)
	if j, _ := takeIn(t, a, strings.Replace(plainOrders, "40.00", "40.50", 1), ""); j.State != job.Done {
		t.Fatalf("%+v", j.Problem)
	}
	if status, reason, _ := ask(t, a, "PUT", "/v1/settings", `{"currency":"JPY"}`); status != 409 || reason != "warehouse.currency_too_coarse" {
		t.Errorf("%d %s", status, reason)
	}
	if status, reason, _ := ask(t, a, "PUT", "/v1/settings", `{"currency":"ZZZ"}`); status != 422 {
		t.Errorf("no currency: %d %s", status, reason)
	}
	if _, _, body := ask(t, a, "GET", "/v1/kpi", ""); !strings.Contains(body, `"revenue":{"amount":"5440.50","currency":"XXX"}`) {
		t.Errorf("after the refusals: %s", body)
	}
}

// The process dies between the warehouse's commit and the settings: the next one says what the warehouse did.
func TestANamedCurrencySurvivesACrash(t *testing.T) {
	a := openTest(t)
	if j, _ := takeIn(t, a, plainOrders, ""); j.State != job.Done {
		t.Fatalf("%+v", j.Problem)
	}
	if err := a.nameCurrency(t.Context(), "KRW"); err != nil {
		t.Fatal(err)
	}
	if err := a.rooms.workspace.Put(t.Context(), market.Settings{Currency: market.None}, false); err != nil {
		t.Fatal(err)
	}
	if err := a.adoptCurrency(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s, err := a.status(t.Context()); err != nil || s.Currency != "KRW" {
		t.Errorf("%+v %v", s, err)
	}
}
