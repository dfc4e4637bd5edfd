package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/collect"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/predict/churn"
	"github.com/dangol/dangol/internal/simulate"
)

// shopOf imports a small simulated shop into a new house and analyses it.
func shopOf(t *testing.T, customers int) *App {
	t.Helper()
	a := openTest(t)
	files, _, err := simulate.Write(filepath.Join(t.TempDir(), "shop"), simulate.Options{Customers: customers})
	if err != nil {
		t.Fatal(err)
	}
	rates := simulate.BaseRates()
	for _, f := range files {
		o := collect.Options{BaseCurrency: files[0].Currency, Rates: rates, Simulated: true}
		o.TZ, o.Currency, o.Market = f.Zone, f.Currency, f.Market
		if _, err := a.rooms.collect.Import(t.Context(), f.Path, filepath.Base(f.Path), o, &job.Progress{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.rooms.audience.Analyze(t.Context(), day.Unknown, &job.Progress{}); err != nil {
		t.Fatal(err)
	}
	return a
}

// get asks the house and reads the answer.
func get(t *testing.T, h http.Handler, path string, into any) {
	t.Helper()
	w, reason := shot{method: "GET", path: path}.at(t, h)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s %s", path, w.Code, reason, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// TestRisk walks from the overview of risk to its people to one person's reasons, over HTTP, and holds the figures of each against the others.
func TestRisk(t *testing.T) {
	t.Parallel()
	a := shopOf(t, 4000)
	h := a.Handler(true)
	if _, reason := (shot{method: "GET", path: "/v1/models/churn"}).at(t, h); reason != "predict.no_model" {
		t.Errorf("before the first training: %s", reason)
	}
	if _, reason := (shot{method: "GET", path: "/v1/risk"}).at(t, h); reason != "predict.no_model" {
		t.Errorf("before the first training: %s", reason)
	}
	card, err := a.rooms.churn.Train(t.Context(), churn.Ask{AsOf: day.Unknown, Horizon: 120}, &job.Progress{})
	if err != nil || card.Version != 1 || !card.Active || card.Status != "ready" {
		t.Fatalf("%+v %v", card, err)
	}
	var models struct {
		Models []struct{ Kind, Status string }
	}
	if get(t, h, "/v1/models", &models); len(models.Models) < 2 || models.Models[0].Kind != "churn" || models.Models[0].Status == "none" {
		t.Errorf("%+v", models)
	}
	var r churn.Risk
	get(t, h, "/v1/risk", &r)
	bins, bands := int64(0), int64(0)
	for _, b := range r.Histogram {
		bins += b.Customers
	}
	for _, b := range r.Bands {
		bands += b.Customers
	}
	if r.Customers == 0 || bins != r.Customers || bands != r.Customers || r.Leaving <= 0 || len(r.Markets) != 3 || r.Sentences["ko"] == "" {
		t.Errorf("%+v", r)
	}
	peopleAndOne(t, h)
	ofSegments(t, h, &r)
	var n int64
	row, err := a.rooms.warehouse.Ask(t.Context(), `SELECT count(*) FROM customer_state s JOIN prediction p USING (customer_key) WHERE s.churn_risk = p.risk AND s.churn_band = p.band AND s.churn_reason = p.reason`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = row.Close() }()
	for row.Next() {
		if err := row.Scan(&n); err != nil || n != r.Customers {
			t.Errorf("%d of %d customers have their scores as traits, %v", n, r.Customers, err)
		}
	}
	if err := row.Err(); err != nil {
		t.Fatal(err)
	}
}

func peopleAndOne(t *testing.T, h http.Handler) {
	t.Helper()
	var list struct {
		People []churn.RiskPerson
		Next   string
		Total  int64
	}
	get(t, h, "/v1/risk/people?reason=late_delivery&limit=3", &list)
	if len(list.People) != 3 || list.Next == "" || list.Total < 4 {
		t.Fatalf("%+v", list)
	}
	seen := list.People[0].ID
	get(t, h, "/v1/risk/people?reason=late_delivery&limit=3&cursor="+list.Next, &list)
	if list.People[0].ID == seen {
		t.Error("the second page is the first")
	}
	who := list.People[0]
	var p churn.Prediction
	get(t, h, "/v1/customers/"+who.ID+"/predictions", &p)
	if p.Risk == nil || *p.Risk != who.Risk || p.Reasons[0].Code != "late_delivery" || p.Band != who.Band || len(p.Survival) == 0 || p.NextOrder == nil || p.Value == nil || len(p.History) == 0 ||
		!strings.Contains(p.Sentences["en"], "late") {
		t.Errorf("%+v", p)
	}
	last := p.Waterfall[len(p.Waterfall)-2]
	if diff := last.To - *p.Risk; diff > 1e-9 || diff < -1e-9 {
		t.Errorf("the reasons lead to %v, not to %v", last.To, *p.Risk)
	}
	w, reason := shot{method: "POST", path: "/v1/customers/" + who.ID + "/what-if", body: `{"set":{"late_deliveries":0}}`}.at(t, h)
	var what churn.WhatIf
	if err := json.Unmarshal(w.Body.Bytes(), &what); err != nil || w.Code != 200 || what.After.Risk >= what.Before.Risk || what.Before.Risk != who.Risk {
		t.Errorf("%d %s %s %v", w.Code, reason, w.Body, err)
	}
	if _, reason := (shot{method: "POST", path: "/v1/customers/" + who.ID + "/what-if", body: `{"set":{"mood":0}}`}).at(t, h); reason != "predict.unknown_lever" {
		t.Error(reason)
	}
	if _, reason := (shot{method: "GET", path: "/v1/customers/nobody/predictions"}).at(t, h); reason == "" {
		t.Error("a stranger is foreseen")
	}
}

// TestLiveRisk: an order that comes as an event changes its customer's chance within seconds, tells of it, and an older version can score again.
func TestLiveRisk(t *testing.T) {
	t.Parallel()
	a := shopOf(t, 900)
	ctx := context.WithoutCancel(t.Context())
	for _, seed := range []uint64{1, 2} {
		if _, err := a.rooms.churn.Train(ctx, churn.Ask{AsOf: day.Unknown, Horizon: 60, Seed: seed}, &job.Progress{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.rooms.churn.Activate(ctx, 1); err != nil {
		t.Fatal(err)
	}
	if s, err := a.rooms.churn.Score(ctx, &job.Progress{}); err != nil || s.Version != 1 || s.Changed != 0 {
		t.Fatalf("%+v %v", s, err)
	}
	h := a.Handler(true)
	var list struct{ People []churn.RiskPerson }
	get(t, h, "/v1/risk/people?sort=risk&band=high&limit=500", &list)
	who := list.People[0]
	for _, p := range list.People { // one whose silence is unlike her, so that an order brings her back
		if p.Orders > who.Orders {
			who = p
		}
	}
	at := time.Date(2026, 6, 30, 12, 0, 0, 0, time.UTC)
	began := time.Now()
	err := a.rooms.live.gate.Put(ctx, "key", [][]byte{fmt.Appendf(nil,
		`{"type":"track","event":"Order Completed","userId":%q,"messageId":"o1","timestamp":%q,"properties":{"order_id":"LIVE-1","currency":"KRW","total":52000,"products":[{"product_id":"p","price":52000,"quantity":1}]}}`,
		who.ID, at.Format(time.RFC3339))})
	if err != nil {
		t.Fatal(err)
	}
	for now := who; now.Risk == who.Risk; time.Sleep(20 * time.Millisecond) {
		get(t, h, "/v1/risk/people?sort=risk&limit=500", &list)
		for _, p := range list.People {
			if p.ID == who.ID {
				now = p
			}
		}
		if time.Since(began) > 30*time.Second {
			t.Fatalf("the chance of %s is still %v", who.ID, who.Risk)
		}
	}
	t.Logf("scored anew after %v", time.Since(began))
	told(t, a, who.ID)
	if _, err := a.rooms.profile.Erase(ctx, who.ID, "me", "asked"); err != nil {
		t.Fatal(err)
	}
	if _, reason := (shot{method: "GET", path: "/v1/customers/" + who.ID + "/predictions"}).at(t, h); reason == "" {
		t.Error("somebody who was erased is foreseen")
	}
}

// told waits for the event that says whose band changed.
func told(t *testing.T, a *App, id string) {
	t.Helper()
	key, _, err := a.rooms.registry.Find(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if toldOf(t, a, key) == 1 {
			return
		}
		if time.Since(began) > 30*time.Second {
			t.Fatal("nobody was told that the risk changed")
		}
	}
}

// toldOf counts what the house was told of her risk.
func toldOf(t *testing.T, a *App, key uint32) (n int) {
	t.Helper()
	name, there := a.rooms.warehouse.NameKey(churn.RiskEvent)
	if !there {
		return 0
	}
	rows, err := a.rooms.warehouse.Ask(t.Context(), `SELECT count(*) FROM event WHERE name_key = $1 AND customer_key = $2`, name, key)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return n
}
