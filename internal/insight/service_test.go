package insight

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/query"
)

var lastDay = day.New(2024, 12, 31)

// busy is a shop with 600 customers in two markets over two years; customers of TH come back less.
func busy(t *testing.T) *shop {
	t.Helper()
	s := open(t)
	s.exec(t, `INSERT INTO product SELECT i, 'p' || i, '', CASE WHEN i % 2 = 0 THEN 'tea' ELSE 'cups' END FROM range(1, 9) r(i)`)
	s.exec(t, `INSERT INTO line SELECT c, c * 100 + k, (day * 86400000000::BIGINT) + c, day, CASE WHEN (c + k) % 17 = 0 THEN 2 ELSE 1 END, 1 + (c + k) % 8, 1000, 1000 + (c * 37 + k * 11) % 9000,
 CASE WHEN c % 3 = 0 THEN 'TH' ELSE 'KR' END, 'web', '', day + 3, day + 2 + (c * 7 + k) % 3
 FROM (SELECT c, k, ($1 - 730 + (c * 53) % 700 + k * (20 + c % 50))::INTEGER AS day FROM range(1, 601) a(c), range(0, 12) b(k) WHERE k < CASE WHEN c % 3 = 0 THEN 1 + c % 2 ELSE 1 + c % 12 END) WHERE day <= $1`, int32(lastDay))
	s.exec(t, deriveOrders)
	return s
}

func TestStateAndQuestionsAgree(t *testing.T) {
	ctx := context.Background()
	s := busy(t)
	plain, err := s.service().RFM(ctx, lastDay, "")
	if err != nil {
		t.Fatal(err)
	}
	s.analyse(t, lastDay)
	quick, err := s.service().RFM(ctx, lastDay, "")
	if err != nil {
		t.Fatal(err)
	}
	for i := range quick.Groups {
		if quick.Groups[i].Customers > 0 && quick.Groups[i].ExpectedValue == nil {
			t.Errorf("%s has no expected value", quick.Groups[i].Group)
		}
		quick.Groups[i].ExpectedValue = nil
	}
	if !reflect.DeepEqual(plain, quick) {
		t.Errorf("RFM from customer_state differs from RFM from orders:\n%+v\n%+v", quick, plain)
	}
	var customers, moved int64
	for _, g := range plain.Groups {
		customers += g.Customers
	}
	for _, f := range plain.Movement.Flows {
		moved += f.Customers
	}
	if customers != moved || customers == 0 || len(plain.Cells) != 25 {
		t.Errorf("%d customers, %d in flows, %d cells", customers, moved, len(plain.Cells))
	}
}

func TestOverview(t *testing.T) {
	ctx := context.Background()
	s := busy(t)
	before, err := s.service().Overview(ctx, day.Unknown, "", 90)
	if err != nil {
		t.Fatal(err)
	}
	if before.ExpectedValue != nil || len(ofCustomers(before.Findings)) != 0 {
		t.Error("an overview without an analysis expects nothing")
	}
	s.analyse(t, lastDay)
	svc := s.service()
	got, err := svc.Overview(ctx, day.Unknown, "", 90)
	if err != nil {
		t.Fatal(err)
	}
	if got.AsOf != lastDay || got.From != lastDay-89 || len(ofCustomers(got.Findings)) != 3 || got.ExpectedValue == nil || got.BaseAlive == nil {
		t.Errorf("%+v", got)
	}
	if got.KPI.Previous == nil || got.KPI.RetentionRate == nil || got.KPI.Previous.To != got.From-1 {
		t.Errorf("the period before is missing: %+v", got.KPI)
	}
	stale := *s.analysis
	stale.Stale = true
	s.analysis = &stale
	s.version++
	later, err := svc.Overview(ctx, day.Unknown, "", 90)
	if err != nil || !later.AnalysisStale || *later.AnalysedAsOf != stale.AsOf || len(later.Findings) != len(got.Findings) || later.ExpectedValue == nil || !strings.Contains(later.AsOfNote, "Orders came in since the analysis") {
		t.Errorf("orders that came in since hide what was found: %+v, %v", later, err)
	}
	if past, err := svc.Overview(ctx, stale.AsOf-1, "", 90); err != nil || past.AnalysedAsOf != nil || len(ofCustomers(past.Findings)) > 0 {
		t.Errorf("findings of a later day: %+v, %v", past, err)
	}
	if _, err := svc.Overview(ctx, day.Unknown, "TH", 90); err != nil {
		t.Errorf("in a market: %v", err)
	}
	all, err := svc.facts(ctx, must(svc.scope(ctx, lastDay, "")))
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, f := range Findings(all) {
		kinds[f.Kind] = true
	}
	if !kinds[MarketGap] || !kinds[AtRiskValue] {
		t.Errorf("found %v", kinds)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestAnswersAreKeptByVersion(t *testing.T) {
	ctx := context.Background()
	s := busy(t)
	svc := s.service()
	ask := CohortQuestion{AsOf: lastDay, By: query.SplitCategory}
	first := must(svc.Cohorts(ctx, ask))
	s.exec(t, `DELETE FROM orders WHERE market = 'KR'`)
	if again := must(svc.Cohorts(ctx, ask)); !reflect.DeepEqual(first, again) {
		t.Error("the same question over the same version was asked again")
	}
	s.version++
	if again := must(svc.Cohorts(ctx, ask)); reflect.DeepEqual(first, again) {
		t.Error("a new version was answered from the old one")
	}
}

func TestRefusals(t *testing.T) {
	ctx := context.Background()
	empty := open(t).service()
	_, err := empty.RFM(ctx, day.Unknown, "")
	refused(t, err, "insight.no_orders")
	svc := busy(t).service()
	_, err = svc.RFM(ctx, day.New(1999, 1, 1), "")
	refused(t, err, "insight.before_data")
	_, err = svc.KPI(ctx, KPIQuestion{From: lastDay, To: lastDay - 5, AsOf: lastDay})
	refused(t, err, "query.backwards")
	_, err = svc.Overview(ctx, lastDay, "", 0)
	refused(t, err, "insight.bad_days")
}

func refused(t *testing.T, err error, reason string) {
	t.Helper()
	if f := fault.From(err); err == nil || f.Reason != reason {
		t.Errorf("%v, want %s", err, reason)
	}
}

func TestOperations(t *testing.T) {
	s := busy(t)
	s.analyse(t, lastDay)
	mux := http.NewServeMux()
	Register(rest.New(mux, "test"), s.service())
	get := func(path string) (int, map[string]any) {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r = r.WithContext(rest.WithPrincipal(r.Context(), rest.Principal{Name: "test", Scope: rest.Read}))
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		var body map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
			t.Fatalf("%s: %v: %s", path, err, w.Body)
		}
		return w.Code, body
	}
	for path, keys := range map[string][]string{
		"/v1/kpi?bucket=month":                   {"from", "to", "as_of", "market", "customers", "revenue", "average_order_value", "repeat_purchase_rate", "retention_rate", "previous", "series", "bucket"},
		"/v1/overview?days=30":                   {"as_of", "as_of_note", "kpi", "expected_value_12m", "base_alive", "findings"},
		"/v1/rfm?market=KR":                      {"as_of", "method", "scores", "cells", "groups", "movement", "breaks"},
		"/v1/cohorts?by=market&as_of=2024-10-15": {"as_of", "unit", "by", "categories", "markets", "cohorts", "groups"},
		"/v1/metrics/definitions":                {"items"},
	} {
		code, body := get(path)
		if code != http.StatusOK {
			t.Errorf("%s: %d %v", path, code, body)
		}
		for _, k := range keys {
			if _, ok := body[k]; !ok {
				t.Errorf("%s lacks %s", path, k)
			}
		}
	}
	if code, body := get("/v1/kpi?as_of=1990-01-01"); code != http.StatusUnprocessableEntity || body["type"] != "insight.before_data" {
		t.Errorf("%d %v", code, body)
	}
}
