package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/collect/flow"
	"github.com/dangol/dangol/internal/profile"
)

func sheetOf(t *testing.T, a *App, who, name string) (rows []string) {
	t.Helper()
	d, err := a.rooms.profile.Gather(context.WithoutCancel(t.Context()), who)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(d.Sheets, func(s profile.Sheet) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("the export has no %s", name)
	}
	for _, row := range d.Sheets[i].Rows {
		text := ""
		for _, v := range row {
			if raw, ok := v.(json.RawMessage); ok {
				v = string(raw)
			}
			text += fmt.Sprint(v) + "|"
		}
		rows = append(rows, text)
	}
	return rows
}

// TestAMisspelledChannelIsSetAsideAndMended: she stays as she was until somebody mends it, and her export holds what waits.
func TestAMisspelledChannelIsSetAsideAndMended(t *testing.T) {
	t.Parallel()
	a := openTest(t)
	ctx, live := context.WithoutCancel(t.Context()), &a.rooms.live
	put := func(calls ...string) {
		t.Helper()
		var raw [][]byte
		for _, c := range calls {
			raw = append(raw, []byte(c))
		}
		if err := live.gate.Put(ctx, "key", raw); err != nil {
			t.Fatal(err)
		}
		if err := live.flow.Drain(ctx); err != nil {
			t.Fatal(err)
		}
	}
	put(`{"type":"identify","userId":"kim77","messageId":"i","traits":{"plan":"silver","city":"Busan"}}`,
		`{"type":"identify","userId":"kim77","messageId":"j","traits":{"plan":"gold"}}`,
		`{"type":"track","event":"Consent Given","userId":"kim77","messageId":"c","properties":{"channel":"email"}}`,
		`{"type":"track","event":"Consent Withdrawn","userId":"kim77","messageId":"d","properties":{"channel":"emial"}}`,
		`{"type":"track","userId":"lee","messageId":"e"}`)
	state := func() string {
		t.Helper()
		p, err := a.rooms.profile.Page(ctx, "kim77")
		if err != nil || len(p.Consents) != 1 {
			t.Fatalf("%+v %v", p, err)
		}
		return p.Consents[0].State
	}
	items, by, err := live.flow.Quarantine(ctx, flow.Filter{Reason: "unusable_consent", Limit: 10})
	if err != nil || len(items) != 1 || by["unusable_consent"] != 1 || items[0].Name != "Consent Withdrawn" || state() != profile.Given {
		t.Fatalf("%+v %v, consent is %s", items, err, state())
	}
	if rows := sheetOf(t, a, "kim77", "set_aside"); len(rows) != 1 {
		t.Errorf("set aside: %q", rows)
	}
	if rows := sheetOf(t, a, "kim77", "attributes"); len(rows) != 2 || !strings.HasPrefix(rows[0], `city|"Busan"|`) || !strings.HasPrefix(rows[1], `plan|"gold"|`) {
		t.Errorf("attributes: %q", rows)
	}
	if n, err := live.flow.Replay(ctx, nil, "unusable_consent", map[string]any{"properties": map[string]any{"channel": "email"}}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if err := live.flow.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	if rows := sheetOf(t, a, "kim77", "set_aside"); state() != profile.Withdrawn || len(rows) != 0 {
		t.Errorf("mended she is %s; %q", state(), rows)
	}
}
