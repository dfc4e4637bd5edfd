package market_test

import (
	"testing"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/store/storetest"
)

func TestSettingsChangeOnlyWhatIsGiven(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := market.NewWorkspace(storetest.Open(t, market.Schema))
	if code, err := w.Currency(ctx); err != nil || code != market.None {
		t.Fatalf("a new workspace counts in %q, %v", code, err)
	}
	put := func(s market.Settings, fixed bool) error { return w.Put(ctx, s, fixed) }
	for _, s := range []market.Settings{{Currency: "KRW", Simulated: true}, {Rates: map[string]string{"THB": "0.026"}}, {Rates: map[string]string{"EUR": "0.0007"}}} {
		if err := put(s, false); err != nil {
			t.Fatal(err)
		}
	}
	got, err := w.Settings(ctx)
	if err != nil || got.Currency != "KRW" || got.Rates["THB"] != "0.026" || got.Rates["EUR"] != "0.0007" || !got.Simulated {
		t.Errorf("settings are %+v, %v", got, err)
	}
	if err := put(market.Settings{Currency: "EUR"}, true); fault.From(err).Reason != "market.currency_fixed" {
		t.Errorf("changing the currency under orders: %v", err)
	}
	if err := put(market.Settings{Rates: map[string]string{"USD": "0.0008"}}, true); err != nil {
		t.Errorf("a new rate beside orders: %v", err)
	}
	if err := put(market.Settings{Rates: map[string]string{"USD": "a few"}}, true); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("a bad rate: %v", err)
	}
}

func TestQueriesPrepare(t *testing.T) {
	t.Parallel()
	storetest.Prepare(t, market.Schema)
}
