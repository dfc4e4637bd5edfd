package cli

import (
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/market"
)

type eventsReport struct {
	Events      int64            `json:"events"`
	ByName      map[string]int64 `json:"by_name"`
	People      int64            `json:"people"`
	Quarantined int64            `json:"quarantined"`
	Duplicates  int64            `json:"duplicates"`
	DeadLetters int64            `json:"dead_letters"`
	Lag         int64            `json:"lag"`
}

func (e *env) reportEvents() *cobra.Command {
	c := &cobra.Command{Use: "events", Short: "How many events of which name came, and whether all are through"}
	return report(e, c, nil, func() (string, url.Values) { return "/v1/events/summary", nil }, func(v *eventsReport) [][]string {
		rows := [][]string{{"name", "events"}}
		for _, name := range mostFirst(v.ByName) {
			rows = append(rows, []string{name, strconv.FormatInt(v.ByName[name], 10)})
		}
		return rows
	}, func(v *eventsReport) {
		e.print("%s of %s; %s set aside, %s sent twice, %s.", counted(v.Events, "event"), counted(v.People, "person", "people"),
			market.FormatNumber(v.Quarantined), market.FormatNumber(v.Duplicates), counted(v.DeadLetters, "dead letter"))
		if v.Lag > 0 {
			e.print("%s of the log %s not through yet.", counted(v.Lag, "message"), plural(v.Lag, "is", "are"))
		}
		var rows [][]cell
		for _, name := range mostFirst(v.ByName) {
			rows = append(rows, []cell{left(name), right(market.FormatNumber(v.ByName[name]))})
		}
		if len(rows) > 0 {
			e.table([]cell{left("name"), right("events")}, rows)
		}
	})
}
