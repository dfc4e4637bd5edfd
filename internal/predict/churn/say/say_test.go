package say

import (
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/market"
)

// TestPaidWords: what is said of a subscriber, in three languages, from her own figures.
func TestPaidWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		left, renewed float64
		en, ko, th    string
	}{
		{12, 4, "Paid until 3 December, 12 days left; has renewed 4 times", "12월 3일까지 결제됨, 12일 남았습니다. 지금까지 4번 갱신했습니다", "ชำระไว้ถึง 3 ธันวาคม เหลือ 12 วัน ต่ออายุมาแล้ว 4 ครั้ง"},
		{1, 1, "Paid until 3 December, 1 day left; has renewed once", "", ""},
		{0, 0, "Paid until 3 December, the last day; has never renewed", "12월 3일까지 결제됨, 마지막 날입니다. 갱신한 적이 없습니다", ""},
		{-4, 0, "Paid until 3 December, 4 days ago, and not renewed yet; has never renewed", "", "ชำระไว้ถึง 3 ธันวาคม ผ่านมา 4 วัน ยังไม่ต่ออายุ ยังไม่เคยต่ออายุ"},
	} {
		f := &Figures{PaidUntil: 20_790, PaidLeft: c.left, Renewals: c.renewed} // 2026-12-03
		said := f.Reason(PaidTime)
		for lang, want := range map[string]string{"en": c.en, "ko": c.ko, "th": c.th} {
			if want != "" && said[lang] != want {
				t.Errorf("%s: %q, want %q", lang, said[lang], want)
			}
		}
	}
}

// TestByWhatLeavingGoes: no sentence of subscribers tells of silence, and none of others of what is paid for.
func TestByWhatLeavingGoes(t *testing.T) {
	t.Parallel()
	money := market.New(1000, "GBP")
	for paid, l := range map[bool]*Leaving{false: {Horizon: 90, Active: 180, Usual: 80, Proposed: true}, true: {Paid: true, Horizon: 30, Grace: 8, Term: 30}} {
		for name, said := range map[string]map[string]string{
			"definition": l.Definition(), "chance": l.Chance(0.23, nil), "card": l.Card("A model", 0.8, 1, 0.2, 0.2), "history": l.MissingDays(12), "unseen": l.Unseen(),
			"risk": l.Risk(&Risked{Customers: 1, Leaving: 0.4, Money: money}), "segment": l.Risk(&Risked{Customers: 9, Leaving: 2, Money: money, Segment: true}),
			"nobody": l.Risk(&Risked{Money: money, Segment: true}), "found": l.Finding(&Found{Code: Refunded, Market: "KR", Ratio: 2, Left: 0.4, LeftNot: 0.2, Customers: 5, Money: money, Segment: true}), "finding": l.Finding(&Found{Code: LateDelivery, Ratio: 2, Left: 0.4, LeftNot: 0.2, Customers: 5, Money: money}),
		} {
			en := said["en"]
			if said["ko"] == "" || said["th"] == "" || strings.Contains(en, "%!") {
				t.Errorf("%s: %v", name, said)
			}
			if silent := strings.Contains(en, "rders nothing") || strings.Contains(en, "order nothing") || strings.Contains(en, "ordered nothing"); silent && paid {
				t.Errorf("%s: %s", name, en)
			}
			if renews := strings.Contains(en, "renew") || strings.Contains(en, "paid for"); renews && !paid {
				t.Errorf("%s: %s", name, en)
			}
		}
	}
}

// TestOfASegment: what is said of a segment says that it is, and of others nothing does.
func TestOfASegment(t *testing.T) {
	t.Parallel()
	money := market.New(1000, "GBP")
	found := Found{Code: LateDelivery, Ratio: 2, Left: 0.4, LeftNot: 0.2, Customers: 5, Money: money}
	here := found
	here.Segment = true
	for _, l := range []*Leaving{{Horizon: 90, Active: 180}, {Paid: true, Horizon: 30, Grace: 8, Term: 30}} {
		for name, said := range map[string][2]map[string]string{
			"risk":    {l.Risk(&Risked{Customers: 3, Leaving: 1, Money: money}), l.Risk(&Risked{Customers: 3, Leaving: 1, Money: money, Segment: true})},
			"nobody":  {l.Risk(&Risked{Money: money}), l.Risk(&Risked{Money: money, Segment: true})},
			"finding": {l.Finding(&found), l.Finding(&here)},
		} {
			for lang, word := range map[string]string{"en": "this segment", "ko": "이 세그먼트", "th": "เซกเมนต์นี้"} {
				if strings.Contains(said[0][lang], word) || !strings.Contains(said[1][lang], word) {
					t.Errorf("%s, %s: %q, of a segment %q", name, lang, said[0][lang], said[1][lang])
				}
			}
		}
	}
	for _, c := range []struct {
		d    Driving
		want string
	}{
		{Driving{Labels: Labels[LateDelivery], Here: 0.41, All: 0.18}, "Late delivery: the first reason of 41% of those in this segment whose risk is medium or high, and of 18% of all."},
		{Driving{Labels: Labels[LateDelivery], Here: 0.41, All: 0.18, Market: "TH"}, "Late delivery: the first reason of 41% of those in this segment whose risk is medium or high, and of 18% of all in TH."},
		{Driving{}, "No reason comes first in this segment clearly more often than among all."},
	} {
		if said := Drives(&c.d); said["en"] != c.want || said["ko"] == "" || said["th"] == "" {
			t.Errorf("%v", said)
		}
	}
	if said := FewDrive(1); said["en"] != "Only 1 customer in this segment with a medium or high risk: too few to compare with all." {
		t.Errorf("%v", said)
	}
}
