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
	for paid, l := range map[bool]*Leaving{false: {Horizon: 90, Active: 180, Usual: 80, Proposed: true}, true: {Paid: true, Horizon: 30, Grace: 8, Term: 30}} {
		for name, said := range map[string]map[string]string{
			"definition": l.Definition(), "chance": l.Chance(0.23, nil), "card": l.Card("A model", 0.8, 1, 0.2, 0.2), "history": l.MissingDays(12), "unseen": l.Unseen(),
			"risk": l.Risk(1, 0.4, market.New(1000, "GBP")), "finding": l.Finding(&Found{Code: LateDelivery, Ratio: 2, Left: 0.4, LeftNot: 0.2, Customers: 5, Money: market.New(1000, "GBP")}),
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
