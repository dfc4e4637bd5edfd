package app

import (
	"context"

	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/warehouse"
)

// nameCurrency gives orders that came without a currency the one they are in, where there are such: once, for then they have one.
// The warehouse's transaction is the commit point; adoptCurrency settles what a crash behind it left open.
func (a *App) nameCurrency(ctx context.Context, code string) error {
	now, err := a.rooms.workspace.Settings(ctx)
	if err != nil || code == "" || code == market.None || now.Currency != market.None {
		return err
	}
	if _, err := market.NewRates(code, now.Rates); err != nil {
		return err
	}
	span, err := a.rooms.warehouse.Span(ctx)
	if err != nil || span.Lines == 0 {
		return err
	}
	shift := market.Digits(code) - market.Digits(market.None)
	if err := a.rooms.warehouse.NameCurrency(ctx, warehouse.Naming{None: market.None, Code: code, Shift: shift, Forget: a.rooms.audience.Forget}); err != nil {
		return err
	}
	return a.adoptCurrency(context.WithoutCancel(ctx))
}

// adoptCurrency makes the settings say what the warehouse did.
func (a *App) adoptCurrency(ctx context.Context) error {
	now, err := a.rooms.workspace.Settings(ctx)
	if err != nil || now.Currency != market.None {
		return err
	}
	code, err := a.rooms.warehouse.NamedCurrency(ctx)
	if err != nil || code == "" {
		return err
	}
	return a.rooms.workspace.Put(ctx, market.Settings{Currency: code}, false)
}
