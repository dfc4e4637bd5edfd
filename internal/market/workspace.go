package market

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/store"
)

//go:embed queries.sql
var queries string

//go:embed migrations
var migrations embed.FS

// Schema is what the room keeps in the record store.
var Schema = store.Schema{Room: "market", Queries: queries, Migrations: migrations}

// Settings are what the whole workspace shares.
type Settings struct {
	Currency  string            `json:"currency" required:"false" doc:"ISO 4217 code that reports use; empty until the first import fixes it"`
	Rates     map[string]string `json:"rates" required:"false" doc:"units of a currency per one unit of the workspace's, e.g. {\"THB\":\"0.026\"}"`
	Simulated bool              `json:"simulated" readOnly:"true" doc:"true when the data come from the simulator; once true, always"`
}

// Workspace keeps the settings.
type Workspace struct{ store *store.Store }

// NewWorkspace returns the settings over st.
func NewWorkspace(st *store.Store) *Workspace { return &Workspace{store: st} }

// Settings reads them.
func (w *Workspace) Settings(ctx context.Context) (Settings, error) {
	s := Settings{Rates: map[string]string{}}
	err := w.store.View(ctx, func(tx *store.Tx) error {
		return tx.Each(ctx, "market.EachSetting", nil, func(scan store.Scan) error {
			var name, value string
			if err := scan(&name, &value); err != nil {
				return err
			}
			switch name {
			case "currency":
				s.Currency = value
			case "simulated":
				s.Simulated = value == "true"
			case "rates":
				return json.Unmarshal([]byte(value), &s.Rates)
			}
			return nil
		})
	})
	if err != nil {
		return Settings{}, fmt.Errorf("settings: %w", err)
	}
	return s, nil
}

// Currency is the workspace's currency, None until one is fixed.
func (w *Workspace) Currency(ctx context.Context) (string, error) {
	s, err := w.Settings(ctx)
	if err != nil || s.Currency == "" {
		return None, err
	}
	return s.Currency, nil
}

// Put changes settings; what is not given stays as it is. The currency cannot change once orders are kept in it; fixed
// says whether they are. Data once marked as simulated stay marked.
func (w *Workspace) Put(ctx context.Context, s Settings, fixed bool) error {
	now, err := w.Settings(ctx)
	if err != nil {
		return err
	}
	s = now.with(s)
	if fixed && now.Currency != s.Currency {
		if now.Currency == None {
			return fault.New(fault.Conflict, "market.currency_unnamed", "orders are kept without a currency, and an import does not name theirs").
				At(fault.Place{Field: "currency", Value: s.Currency}).
				Then("Name the one that all of them are in with PUT /v1/settings {\"currency\":\"" + s.Currency + "\"}, once, and import again.")
		}
		return fault.Newf(fault.Conflict, "market.currency_fixed", "the workspace's currency is %s, and orders are kept in it", now.Currency).
			At(fault.Place{Field: "currency", Value: s.Currency}).Then("Import into a new data folder to report in another currency.")
	}
	if _, err := NewRates(s.Currency, s.Rates); err != nil {
		return err
	}
	rates, err := json.Marshal(s.Rates)
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	simulated := "false"
	if s.Simulated {
		simulated = "true"
	}
	err = w.store.In(ctx, func(tx *store.Tx) error {
		for _, kv := range [][2]string{{"currency", s.Currency}, {"rates", string(rates)}, {"simulated", simulated}} {
			if _, err := tx.Exec(ctx, "market.PutSetting", kv[0], kv[1]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep settings: %w", err)
	}
	return nil
}

// with returns s changed by what is given in change.
func (s Settings) with(change Settings) Settings {
	if change.Currency != "" {
		s.Currency = change.Currency
	}
	rates := maps.Clone(s.Rates)
	if rates == nil {
		rates = map[string]string{}
	}
	maps.Copy(rates, change.Rates)
	s.Rates = rates
	s.Simulated = s.Simulated || change.Simulated
	return s
}
