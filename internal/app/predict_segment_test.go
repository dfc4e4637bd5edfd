package app

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/predict/churn"
)

type riskList struct {
	People []churn.RiskPerson
	Next   string
	Total  int64
}

// riskOf asks for the picture and counts the people that a list of the same crowd has.
func riskOf(t *testing.T, h http.Handler, query string) (r churn.Risk, total, raised int64) {
	t.Helper()
	get(t, h, "/v1/risk?"+query, &r)
	var list riskList
	get(t, h, "/v1/risk/people?limit=1&"+query, &list)
	total = list.Total
	get(t, h, "/v1/risk/people?limit=1&band=raised&"+query, &list)
	return r, total, list.Total
}

// ofSegments holds the pictures of segments against their people and against everybody's: what drives them away is named.
func ofSegments(t *testing.T, h http.Handler, all *churn.Risk) {
	t.Helper()
	for id, rule := range map[string]string{"late-last": `{"score":"last_delivery_late","op":"=","value":true}`, "nobody": `{"trait":"orders","op":">=","value":100000}`} {
		if w, reason := (shot{method: "POST", path: "/v1/segments", body: `{"id":"` + id + `","name":"` + id + `","rule":` + rule + `}`}).at(t, h); w.Code != http.StatusCreated {
			t.Fatalf("%s: %s %s", id, reason, w.Body)
		}
	}
	for _, slug := range []string{"vip", "late-delivery-lapsed", "late-last"} {
		r, total, raised := riskOf(t, h, "segment="+slug)
		bands, reasons := int64(0), int64(0)
		for _, b := range r.Bands {
			bands += b.Customers
		}
		for i := range r.Reasons {
			one := &r.Reasons[i]
			reasons += one.Customers
			if one.AmongAll == nil || *one.AmongAll != shareOf(all, one.Code) {
				t.Errorf("%s: %s is the first of %v among all, not of %v", slug, one.Code, shareOf(all, one.Code), one.AmongAll)
			}
		}
		if total == 0 || total >= all.Customers || r.Customers != total || bands != total || reasons != raised {
			t.Errorf("%s: %d people, %d in the picture, %d in its bands; %d raised, %d with reasons; %d in all", slug, total, r.Customers, bands, raised, reasons, all.Customers)
		}
		if !strings.Contains(r.Sentences["en"], "this segment") || !strings.Contains(r.Sentences["ko"], "이 세그먼트") || r.Drives["th"] == "" {
			t.Errorf("%s: %v %v", slug, r.Sentences, r.Drives)
		}
	}
	driven(t, h)
	if r, total, _ := riskOf(t, h, "segment=nobody"); r.Customers != 0 || total != 0 || len(r.Reasons) != 0 || !strings.HasPrefix(r.Sentences["en"], "Nobody in this segment") {
		t.Errorf("of nobody: %+v", r)
	}
	for _, path := range []string{"/v1/risk?segment=wip", "/v1/risk/people?segment=wip"} {
		if w, reason := (shot{method: "GET", path: path}).at(t, h); w.Code != http.StatusNotFound || reason != "audience.unknown_segment" {
			t.Errorf("%s: %d %s", path, w.Code, reason)
		}
	}
	for i := range all.Reasons {
		if all.Reasons[i].AmongAll != nil || all.Reasons[i].Oftener || len(all.Drives) != 0 {
			t.Errorf("everybody is compared with everybody: %+v %v", all.Reasons[i], all.Drives)
		}
	}
	narrowed(t, h)
}

func shareOf(r *churn.Risk, code string) float64 {
	for i := range r.Reasons {
		if r.Reasons[i].Code == code {
			return r.Reasons[i].Share
		}
	}
	return 0
}

// driven: of those whose last delivery was late, that is what drives them away; what is found of it counts them alone.
func driven(t *testing.T, h http.Handler) {
	t.Helper()
	r, _, _ := riskOf(t, h, "segment=late-last")
	found := false
	for i := range r.Reasons {
		if one := &r.Reasons[i]; one.Code == "late_delivery" {
			found = one.Oftener && one.Share > *one.AmongAll
		} else if one.Kind == "cause" && one.Oftener {
			t.Errorf("%s is said to drive them too: %+v", one.Code, one)
		}
	}
	if !found || !strings.HasPrefix(r.Drives["en"], "Late delivery: the first reason of ") {
		t.Errorf("%v %+v", r.Drives, r.Reasons)
	}
	if len(r.Findings) == 0 {
		t.Error("nothing is found of those whose last delivery was late")
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		q := url.Values{}
		for name, value := range f.Filter {
			q.Set(name, value)
		}
		var list riskList
		if get(t, h, "/v1/risk/people?"+q.Encode(), &list); list.Total != f.Customers || q.Get("segment") != "late-last" || !strings.Contains(f.Sentence, "of them in this segment") {
			t.Errorf("%d people, %d listed: %s %v", f.Customers, list.Total, f.Sentence, f.Filter)
		}
	}
}

// narrowed: market, segment, band and reason together are those who meet each, whatever arguments the segment's own condition has.
func narrowed(t *testing.T, h http.Handler) {
	t.Helper()
	for _, slug := range []string{"late-delivery-lapsed", "late-last", "vip"} {
		var list, part riskList
		get(t, h, "/v1/risk/people?limit=500&market=KR&segment="+slug, &list)
		if list.Total == 0 || list.Total != int64(len(list.People)) {
			t.Fatalf("%s: %d of %d", slug, len(list.People), list.Total)
		}
		want := map[string]int64{}
		for i := range list.People {
			p := &list.People[i]
			if p.Market != "KR" {
				t.Errorf("%s: %+v", slug, p)
			}
			if p.Reason == "late_delivery" {
				want[p.Band]++
				if p.Band != "low" {
					want["raised"]++
				}
			}
		}
		for _, band := range []string{"low", "medium", "high", "raised"} {
			if get(t, h, "/v1/risk/people?market=KR&reason=late_delivery&band="+band+"&segment="+slug, &part); part.Total != want[band] {
				t.Errorf("%s, %s: %d people, want %d", slug, band, part.Total, want[band])
			}
		}
		if want["raised"] == 0 && slug != "vip" {
			t.Errorf("%s: nobody to tell apart", slug)
		}
	}
}
