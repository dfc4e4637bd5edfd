package app

import (
	"context"
	"net/http"

	"github.com/dangol/dangol/internal/audience"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/market"
)

// Status says what the workspace holds and how fresh it is.
type Status struct {
	Version     string             `json:"version"`
	Simulated   bool               `json:"simulated" doc:"true when the data come from the simulator"`
	Currency    string             `json:"currency"`
	Markets     []string           `json:"markets" doc:"most orders first"`
	FirstDay    day.Day            `json:"first_day"`
	LastDay     day.Day            `json:"last_day"`
	Customers   int64              `json:"customers"`
	Orders      int64              `json:"orders"`
	Lines       int64              `json:"lines"`
	DataVersion int64              `json:"data_version"`
	Analysis    *audience.Analysis `json:"analysis" doc:"null before the first"`
	JobsRunning int                `json:"jobs_running"`
	Log         LogStatus          `json:"log" doc:"how far the events that came are through"`
}

type settingsInput struct{ Body market.Settings }

type settingsOutput struct{ Body market.Settings }

func (a *App) registerStatus() {
	rest.Register(a.api, rest.Op{ID: "get-status", Method: http.MethodGet, Path: "/v1/status", Tag: "Workspace", Summary: "What the workspace holds and how fresh it is", Needs: rest.Read},
		func(ctx context.Context, _ *struct{}) (*struct{ Body Status }, error) {
			s, err := a.status(ctx)
			return &struct{ Body Status }{s}, err
		})
	rest.Register(a.api, rest.Op{ID: "get-settings", Method: http.MethodGet, Path: "/v1/settings", Tag: "Workspace", Summary: "Currency and rates", Needs: rest.Read},
		func(ctx context.Context, _ *struct{}) (*settingsOutput, error) {
			s, err := a.rooms.workspace.Settings(ctx)
			return &settingsOutput{s}, err
		})
	rest.Register(a.api, rest.Op{ID: "put-settings", Method: http.MethodPut, Path: "/v1/settings", Tag: "Workspace", Summary: "Change currency (before the first import, or once where orders came without one) and rates (for imports to come)", Needs: rest.Admin},
		func(ctx context.Context, in *settingsInput) (*settingsOutput, error) {
			if err := a.mayRecount(ctx, in.Body.Currency); err != nil {
				return nil, err
			}
			if err := a.nameCurrency(ctx, in.Body.Currency); err != nil {
				return nil, err
			}
			span, err := a.rooms.warehouse.Span(ctx)
			if err != nil {
				return nil, err
			}
			if err := a.rooms.workspace.Put(ctx, in.Body, span.Lines > 0); err != nil {
				return nil, err
			}
			now, err := a.rooms.workspace.Settings(ctx)
			return &settingsOutput{now}, err
		})
}

// mayRecount refuses another currency while a first import counts in the present one.
func (a *App) mayRecount(ctx context.Context, currency string) error {
	now, err := a.rooms.workspace.Settings(ctx)
	if err != nil || currency == "" || currency == now.Currency || a.jobs.Active() == 0 {
		return err
	}
	return fault.New(fault.Conflict, "app.work_running", "the currency cannot change while an import may be counting in it").
		At(fault.Place{Field: "currency", Value: currency}).Then("Wait until GET /v1/jobs shows nothing that waits or runs.")
}

func (a *App) status(ctx context.Context) (Status, error) {
	s := Status{Version: a.Build.Version, DataVersion: a.rooms.warehouse.Version(), JobsRunning: a.jobs.Active(), Markets: []string{}}
	settings, err := a.rooms.workspace.Settings(ctx)
	if err != nil {
		return s, err
	}
	s.Simulated, s.Currency = settings.Simulated, settings.Currency
	span, err := a.rooms.warehouse.Span(ctx)
	if err != nil {
		return s, err
	}
	s.FirstDay, s.LastDay, s.Customers, s.Orders, s.Lines = span.First, span.Last, span.Customers, span.Orders, span.Lines
	s.Markets = append(s.Markets, span.Markets...)
	latest, found, err := a.rooms.audience.Latest(ctx)
	if found {
		s.Analysis = &latest
	}
	if err != nil {
		return s, err
	}
	s.Log, err = a.logStatus(ctx)
	return s, err
}
