package collect

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/dangol/dangol/internal/collect/orders"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/store"
	"github.com/dangol/dangol/internal/warehouse"
)

//go:embed queries.sql
var queries string

//go:embed migrations
var migrations embed.FS

// Schema is what the room keeps in the record store.
var Schema = store.Schema{Room: "collect", Queries: queries, Migrations: migrations}

// People resolves the customers of one import.
type People interface {
	Whose(*event.OrderLine) (customer, origin uint32)
	Fresh() []warehouse.Person
	KeepMet(ctx context.Context, importID int64) error
}

// Registry keeps customers: it is what collect needs of profile, joined in app.
type Registry interface {
	Begin(context.Context) (People, error)
	Keep(ctx context.Context, importID int64, people []warehouse.Person) error
	Forget(ctx context.Context, importID int64) error
	Done(ctx context.Context, importID int64) error
}

// Service takes files in.
type Service struct {
	warehouse *warehouse.Warehouse
	store     *store.Store
	workspace *market.Workspace
	registry  Registry
	clock     clock.Clock
	log       *slog.Logger
	folder    string
	// Pause is called between the steps of a commit, so that a test can kill the process there.
	Pause func(step string)
	// Imported is told when orders of a file came into the warehouse.
	Imported func(ctx context.Context) error
}

// NewService returns the room over its engines; folder is the data folder.
func NewService(w *warehouse.Warehouse, st *store.Store, ws *market.Workspace, r Registry, c clock.Clock, log *slog.Logger, folder string) *Service {
	return &Service{warehouse: w, store: st, workspace: ws, registry: r, clock: c, log: log, folder: folder, Pause: func(string) {}, Imported: func(context.Context) error { return nil }}
}

// Options say how to read a file; what is empty is found by looking.
type Options struct {
	orders.Options
	BaseCurrency string            `json:"base_currency,omitempty" doc:"currency of reports, fixed by the first import; the file's own when absent"`
	Rates        map[string]string `json:"rates,omitempty" doc:"units of a currency per one unit of the base currency"`
	Simulated    bool              `json:"simulated,omitempty" doc:"marks the workspace as holding simulated data"`
}

// Result is what an import did.
type Result struct {
	Import         int64            `json:"import"`
	Name           string           `json:"name"`
	LinesRead      int64            `json:"lines_read"`
	LinesAccepted  int64            `json:"lines_accepted" doc:"purchase lines added"`
	Orders         int64            `json:"orders"`
	Customers      int64            `json:"customers"`
	RefundLines    int64            `json:"refund_lines" doc:"refund lines added, of rows that are refunds"`
	RefundsBeside  int64            `json:"refunds_beside" doc:"refunds added beside purchases of the same row; on top of the lines read"`
	Withdrawn      int64            `json:"withdrawn" doc:"orders of earlier imports whose sale was withdrawn, because this file cancels them"`
	SetAside       map[string]int64 `json:"set_aside" doc:"lines by reason"`
	RejectsFile    string           `json:"rejects_file" doc:"empty when nothing was set aside"`
	AlreadyPresent int64            `json:"already_present" doc:"lines of the file that were here before"`
	Revenue        market.Money     `json:"revenue" doc:"purchases read, in the workspace's currency"`
	Refunds        market.Money     `json:"refunds"`
	FirstDay       day.Day          `json:"first_day"`
	LastDay        day.Day          `json:"last_day"`
	Currency       string           `json:"currency"`
	Seconds        float64          `json:"seconds"`
	LinesPerS      float64          `json:"lines_per_s"`
	Notes          []orders.Note    `json:"notes" doc:"what was assumed, and what became of earlier orders"`
}

// Record is an import in the history.
type Record struct {
	Result
	State      string     `json:"state" enum:"running,done,failed"`
	StartedAt  time.Time  `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at"`
	Problem    string     `json:"problem"`
}

// settle moves lines that were here before out of the counts of what was added.
func (r *Result) settle(t warehouse.Taken) {
	r.LinesAccepted, r.RefundLines, r.AlreadyPresent = t.Purchases, t.RefundLines, t.AlreadyPresent
	r.RefundsBeside, r.Withdrawn = t.RefundsBeside, t.Withdrawn
	r.Orders, r.Customers = t.Orders, t.Customers
	if t.Withdrawn > 0 {
		r.Notes = append(r.Notes, orders.CountNote("withdrawn", t.Withdrawn,
			"%d order that an earlier import took in is cancelled by this file: its sale is withdrawn by a refund, of the day the file gives for it, or else of the day of this import, or of the file's last day where that is earlier.",
			"%d orders that an earlier import took in are cancelled by this file: their sales are withdrawn by refunds, of the day the file gives for it, or else of the day of this import, or of the file's last day where that is earlier."))
	}
	if t.ToldLess > 0 {
		r.Notes = append(r.Notes, orders.CountNote("told_less", t.ToldLess,
			"Of %d order this file says that less was given back than was taken in before; what was taken in stays.",
			"Of %d orders this file says that less was given back than was taken in before; what was taken in stays."))
	}
}

func (s *Service) end(ctx context.Context, id int64, state, result, problem string) error {
	err := s.store.In(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "collect.EndImport", id, state, s.clock().UnixMicro(), result, problem)
		return err
	})
	if err != nil {
		return fmt.Errorf("end import %d: %w", id, err)
	}
	return nil
}

func (s *Service) begin(ctx context.Context, name string, o Options) (int64, error) {
	text, err := json.Marshal(o)
	if err != nil {
		return 0, fmt.Errorf("begin import: %w", err)
	}
	var id int64
	err = s.store.In(ctx, func(tx *store.Tx) error {
		if _, err := tx.One(ctx, "collect.NextImport", nil, &id); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "collect.InsertImport", id, name, string(text), s.clock().UnixMicro())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("begin import: %w", err)
	}
	return id, nil
}

// History lists imports, newest first.
func (s *Service) History(ctx context.Context, limit int) ([]Record, error) {
	var list []Record
	err := s.store.View(ctx, func(tx *store.Tx) error {
		var err error
		list, err = store.Collect(ctx, tx, "collect.EachImport", store.Args{limit}, scanRecord)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("imports: %w", err)
	}
	return list, nil
}

func scanRecord(scan store.Scan) (Record, error) {
	var r Record
	var id, started, finished int64
	var name, result string
	if err := scan(&id, &name, &r.State, &started, &finished, &result, &r.Problem); err != nil {
		return r, err
	}
	if result != "" {
		if err := json.Unmarshal([]byte(result), &r.Result); err != nil {
			return r, fmt.Errorf("import %d: %w", id, err)
		}
	} else {
		r.SetAside, r.Notes = map[string]int64{}, []orders.Note{}
		r.FirstDay, r.LastDay = day.Unknown, day.Unknown
	}
	r.Import, r.Name = id, name
	r.StartedAt = time.UnixMicro(started).UTC()
	if finished > 0 {
		t := time.UnixMicro(finished).UTC()
		r.FinishedAt = &t
	}
	return r, nil
}

func (s *Service) rejectsPath(id int64) string {
	return filepath.Join(s.folder, "rejects", "import-"+strconv.FormatInt(id, 10)+".csv")
}

// Rejects opens the rejects of an import.
func (s *Service) Rejects(ctx context.Context, id int64) (*os.File, error) {
	found := false
	err := s.store.View(ctx, func(tx *store.Tx) error {
		var err error
		found, err = tx.One(ctx, "collect.FindImport", store.Args{id}, new(int64), new(string), new(string), new(int64), new(int64), new(string), new(string))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("rejects: %w", err)
	}
	if !found {
		return nil, fault.Newf(fault.NotFound, "collect.unknown_import", "there is no import %d", id).Then("See GET /v1/imports for those there are.")
	}
	f, err := os.Open(s.rejectsPath(id))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fault.Newf(fault.NotFound, "collect.no_rejects", "import %d set nothing aside", id)
	}
	if err != nil {
		return nil, fmt.Errorf("rejects: %w", err)
	}
	return f, nil
}
