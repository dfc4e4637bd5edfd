package app

import (
	"context"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/collect"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/predict/churn"
)

// boxes writes a file of monthly boxes (SIMULATED) up to a day: who got one late leaves oftener, who renewed often seldom.
func boxes(t *testing.T, people int, last day.Day) string {
	t.Helper()
	r := rand.New(rand.NewPCG(11, 1))
	path := filepath.Join(t.TempDir(), "simulated-boxes.csv")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := csv.NewWriter(file)
	rows := [][]string{{"Order ID", "Customer ID", "Order date", "Amount", "Promised delivery", "Delivered", "Paid until"}}
	for i := range people {
		at := last - 480 + day.Day(r.IntN(460))
		end := at
		for n := 0; at <= last; n++ {
			end = max(end, at) + 30
			late := r.Float64() < 0.2
			came := at + 2
			if late {
				came = at + 6 + day.Day(r.IntN(3))
			}
			rows = append(rows, []string{fmt.Sprintf("B%d-%d", i, n), strconv.Itoa(i + 1), at.String(), "25.00", (at + 3).String(), came.String(), end.String()})
			leaves := 0.15
			switch {
			case late:
				leaves = 0.55
			case n > 3:
				leaves = 0.06
			}
			if r.Float64() < leaves {
				break
			}
			at = end - 2 + day.Day(r.IntN(5))
		}
	}
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestSubscriptionRisk walks from a file of subscriptions to who will not renew: the basis is found, told in words, and can be set; a person is
// foreseen by what she paid for; and an order that renews her as an event changes that.
func TestSubscriptionRisk(t *testing.T) {
	t.Parallel()
	a := openTest(t)
	ctx := context.WithoutCancel(t.Context())
	last := day.New(2026, time.June, 20)
	o := collect.Options{BaseCurrency: "GBP", Simulated: true}
	o.TZ, o.Currency, o.Market = "Europe/London", "GBP", "GB"
	if _, err := a.rooms.collect.Import(ctx, boxes(t, 2500, last), "boxes.csv", o, &job.Progress{}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.rooms.audience.Analyze(ctx, day.Unknown, &job.Progress{}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.rooms.churn.Train(ctx, churn.Ask{AsOf: day.Unknown, Basis: "moon"}, &job.Progress{}); fault.From(err).Reason != "predict.bad_basis" {
		t.Error(err)
	}
	card, err := a.rooms.churn.Train(ctx, churn.Ask{AsOf: day.Unknown}, &job.Progress{})
	if err != nil || card.Definition.Basis != "subscription" || card.Definition.UsualTerm != 30 || card.Status == "too_few" || !strings.Contains(card.Sentences["en"], "renew") {
		t.Fatalf("%+v %v", card, err)
	}
	h := a.Handler(true)
	var r churn.Risk
	get(t, h, "/v1/risk", &r)
	if r.Definition.Basis != "subscription" || !strings.Contains(r.Sentences["en"], "will not renew") || r.Customers < 200 || len(r.Findings) == 0 || !strings.Contains(r.Findings[0].Sentence, "did not renew") {
		t.Errorf("%+v", r)
	}
	who := subscriberFound(t, h)
	renews(t, a, h, who, last)
	if card, err = a.rooms.churn.Train(ctx, churn.Ask{AsOf: day.Unknown, Basis: "orders"}, &job.Progress{}); err != nil || card.Definition.Basis != "orders" || !card.Definition.BasisSet {
		t.Errorf("%+v %v", card.Definition, err)
	}
}

// subscriberFound looks at one who got her last box late: her own page tells of that, of what she paid for and of how long she will stay.
func subscriberFound(t *testing.T, h http.Handler) string {
	t.Helper()
	var list struct{ People []churn.RiskPerson }
	get(t, h, "/v1/risk/people?reason=late_delivery&sort=risk&limit=5", &list)
	if len(list.People) == 0 {
		t.Fatal("nobody leaves for a late box")
	}
	who := list.People[0]
	var p churn.Prediction
	get(t, h, "/v1/customers/"+who.ID+"/predictions", &p)
	if p.Status != "at_risk" || p.Risk == nil || *p.Risk != who.Risk || p.PaidUntil == nil || len(p.Survival) == 0 || p.NextOrder == nil || len(p.History) == 0 || p.Definition.Basis != "subscription" ||
		p.Reasons[0].Code != "late_delivery" || !strings.Contains(p.Sentences["en"], "is not renewed") {
		t.Errorf("%+v", p)
	}
	paid := false
	for _, reason := range p.Reasons {
		paid = paid || reason.Code == "paid_ending" && strings.HasPrefix(reason.Sentences["en"], "Paid until ")
		if reason.Code == "silence" {
			t.Error("a subscriber is said to be silent")
		}
	}
	if !paid {
		t.Errorf("%+v", p.Reasons)
	}
	var levers struct{ Levers []churn.Lever }
	if get(t, h, "/v1/models/churn/levers", &levers); levers.Levers[0].Trait != "paid_days_left" {
		t.Errorf("%+v", levers)
	}
	w, reason := shot{method: "POST", path: "/v1/customers/" + who.ID + "/what-if", body: `{"set":{"late_deliveries":0}}`}.at(t, h)
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"change":-`) {
		t.Errorf("%d %s %s", w.Code, reason, w.Body)
	}
	return who.ID
}

// renews orders a year for somebody, and waits until she is seen to stay.
func renews(t *testing.T, a *App, h http.Handler, id string, last day.Day) {
	t.Helper()
	until := last + 365
	err := a.rooms.live.gate.Put(t.Context(), "key", [][]byte{fmt.Appendf(nil,
		`{"type":"track","event":"Order Completed","userId":%q,"messageId":"renewal","timestamp":%q,"properties":{"order_id":"YEAR-1","currency":"GBP","total":200,"paid_until":%q,"products":[{"product_id":"p","price":200,"quantity":1}]}}`,
		id, last.Time().Add(12*time.Hour).Format(time.RFC3339), until)})
	if err != nil {
		t.Fatal(err)
	}
	var p churn.Prediction
	for began := time.Now(); p.PaidUntil == nil || *p.PaidUntil != until; time.Sleep(20 * time.Millisecond) {
		if get(t, h, "/v1/customers/"+id+"/predictions", &p); time.Since(began) > 30*time.Second {
			t.Fatalf("paid until %v still", p.PaidUntil)
		}
	}
	if *p.Risk > 0.1 || p.Band != "low" {
		t.Errorf("who paid for a year leaves with a chance of %v", *p.Risk)
	}
}
