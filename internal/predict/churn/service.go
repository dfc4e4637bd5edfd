package churn

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/dangol/dangol/internal/audience"
	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/predict/records"
	"github.com/dangol/dangol/internal/warehouse"
)

// Options join the room to its engines and neighbours.
type Options struct {
	Warehouse *warehouse.Warehouse
	Records   *records.Records
	Audience  *audience.Service
	Workspace *market.Workspace
	Clock     clock.Clock
	Log       *slog.Logger
	// Find looks a person up by any of her identities, and returns her key and the id by which she is shown.
	Find func(ctx context.Context, ref string) (uint32, string, error)
	// Announce puts events of our own into the log; nil tells nobody.
	Announce func(ctx context.Context, events [][]byte) error
}

// Service trains, scores and tells.
type Service struct {
	Options
	// Others tell of the kinds of models that other rooms train, for the list of all.
	Others []records.Viewer

	mu     sync.Mutex
	active *model // kept while its version is the active one
	state  *state // of the last scoring

	scoring sync.Mutex // one scoring at a time, of all or of some
	touched touched
}

// New returns the service. Prepare is called before it is used.
func New(o Options) *Service {
	return &Service{Options: o, touched: newTouched()}
}

// Prepare creates the tables that scoring fills. They are derived: nothing is lost with them.
func (s *Service) Prepare(ctx context.Context) error {
	return s.Warehouse.Bulk(ctx, func(conn *sql.Conn) error {
		for _, text := range []string{
			`CREATE TABLE IF NOT EXISTS prediction (customer_key UINTEGER, as_of INTEGER, version BIGINT, risk DOUBLE,
				risk_low DOUBLE, risk_high DOUBLE, band VARCHAR, reason VARCHAR, reasons VARCHAR, previous DOUBLE)`,
			`CREATE TABLE IF NOT EXISTS prediction_run (as_of INTEGER, version BIGINT, state_version BIGINT, data_version BIGINT, scored_us BIGINT, seconds DOUBLE,
				customers BIGINT, pace VARCHAR, season VARCHAR)`,
		} {
			if _, err := conn.ExecContext(ctx, text); err != nil {
				return fmt.Errorf("churn: %w", err)
			}
		}
		return nil
	})
}

// Ask is what a training is asked for.
type Ask struct {
	AsOf    day.Day // day.Unknown: the day of the last analysis
	Horizon int     // in days; 0: what the orders propose
	Basis   string  // by what leaving goes; "": what the orders propose
	Seed    uint64  // 0 is 1
}

// Train learns a model, makes it the active one, and scores everybody with it. Where the data support none, the card says what is missing and
// what was active stays so.
func (s *Service) Train(ctx context.Context, ask Ask, p *job.Progress) (*Card, error) {
	defer s.Warehouse.Work(ctx)()
	if ask.Horizon != 0 && (ask.Horizon < leastHorizon || ask.Horizon > mostHorizon) {
		return nil, fault.Newf(fault.Invalid, "predict.bad_horizon", "a horizon is %d to %d days", leastHorizon, mostHorizon).
			At(fault.Place{Field: "horizon_days", Value: fmt.Sprint(ask.Horizon)}).Then("Leave it away, and it is proposed from the orders.")
	}
	if ask.Basis != "" && ask.Basis != byOrders && ask.Basis != bySubscription {
		return nil, fault.Newf(fault.Invalid, "predict.bad_basis", "leaving goes by %s or by %s", byOrders, bySubscription).
			At(fault.Place{Field: "basis", Value: ask.Basis}).Then("Leave it away, and it follows from whether the orders say until when they pay.")
	}
	if ask.Seed == 0 {
		ask.Seed = 1
	}
	latest, err := s.analysed(ctx)
	if err != nil {
		return nil, err
	}
	if ask.AsOf == day.Unknown {
		ask.AsOf = latest.AsOf
	}
	if ask.AsOf, err = s.Audience.AsOf(ctx, ask.AsOf); err != nil {
		return nil, err
	}
	stage(p)("reading orders")
	b, err := s.book(ctx, loaded{asOf: int32(ask.AsOf)})
	if err != nil {
		return nil, err
	}
	m, card, err := learn(ctx, b, int32(ask.AsOf), wish{ask.Horizon, ask.Basis}, ask.Seed, stage(p))
	if err != nil {
		return nil, err
	}
	if err := s.keep(ctx, m, &card); err != nil || m == nil {
		return &card, err
	}
	if ask.AsOf == latest.AsOf {
		_, err = s.scoreBook(ctx, b, m, int32(ask.AsOf), p)
	} else {
		_, err = s.Score(ctx, p)
	}
	return &card, err
}

// steps is what a training or scoring counts for its progress.
func stage(p *job.Progress) func(string) {
	return func(name string) {
		if p != nil {
			p.Stage(name, "steps", 0)
		}
	}
}

// keep saves a model as the next version; one that there is becomes the active one.
func (s *Service) keep(ctx context.Context, m *model, card *Card) error {
	var body []byte
	if m != nil {
		var err error
		if body, err = json.Marshal(m); err != nil {
			return fmt.Errorf("churn: %w", err)
		}
	}
	trained := s.Clock().UTC().Truncate(time.Microsecond)
	text, err := json.Marshal(card)
	if err != nil {
		return fmt.Errorf("churn: %w", err)
	}
	summary, err := json.Marshal(summaryOf(card))
	if err != nil {
		return fmt.Errorf("churn: %w", err)
	}
	version, _, err := s.Records.Save(ctx, records.Record{
		Kind: records.Churn, TrainedAt: trained, AsOf: card.AsOf, Seed: int64(card.Seed), Active: m != nil, Summary: summary, Card: text, Body: body,
	})
	if err != nil {
		return err
	}
	card.Version, card.TrainedAt, card.Active = version, trained.Format(time.RFC3339), m != nil
	if m != nil {
		m.version = version
		s.mu.Lock()
		s.active = m
		s.mu.Unlock()
	}
	return s.withVersions(ctx, card)
}

// summary is what lists of versions show, without the card.
type summary struct {
	Status    string            `json:"status"`
	Winner    string            `json:"winner"`
	AUC       float64           `json:"auc"`
	LogLoss   float64           `json:"log_loss"`
	Brier     float64           `json:"brier"`
	ECE       float64           `json:"ece"`
	Rows      int               `json:"rows"`
	Horizon   int               `json:"horizon_days"`
	Sentences map[string]string `json:"sentences"`
	Drift     string            `json:"drift"`
	PSI       float64           `json:"psi"`
}

func summaryOf(c *Card) summary {
	out := summary{Status: c.Status, Winner: c.Winner, Horizon: c.Definition.HorizonDays, Sentences: c.Sentences, Drift: c.Drift.Status, PSI: c.Drift.PSI}
	if q := c.Quality; q != nil {
		out.AUC, out.LogLoss, out.Brier, out.ECE, out.Rows = q.AUC, q.LogLoss, q.Brier, q.ECE, q.Rows
	}
	return out
}

// analysed is the analysis that scores join; a fault where there is none.
func (s *Service) analysed(ctx context.Context) (audience.Analysis, error) {
	latest, found, err := s.Audience.Latest(ctx)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "predict.no_analysis", "nothing has been analysed yet").Then("Run `dangol analyze` first.")
	}
	return latest, err
}

// book reads orders into memory.
func (s *Service) book(ctx context.Context, l loaded) (*book, error) {
	currency, err := s.Workspace.Currency(ctx)
	if err != nil {
		return nil, err
	}
	l.scale = math.Pow10(market.Digits(currency))
	return load(ctx, s.Warehouse, l)
}

// model is the active model; nil where none is.
func (s *Service) model(ctx context.Context) (*model, error) {
	s.mu.Lock()
	m := s.active
	s.mu.Unlock()
	if m != nil {
		return m, nil
	}
	r, found, err := s.Records.Active(ctx, records.Churn)
	if err != nil || !found {
		return nil, err
	}
	if m, err = readModel(r.Body, r.Version); err != nil {
		return nil, fault.New(fault.Unavailable, "predict.bad_model", "the model kept cannot be read").Then("Train it again with `dangol train churn`.").Because(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active = m
	return m, nil
}

// Activate makes a version the one that scores. Who asks for it scores afterwards.
func (s *Service) Activate(ctx context.Context, version int64) (*Card, error) {
	r, err := s.Records.Get(ctx, records.Churn, version)
	if err != nil {
		return nil, err
	}
	m, err := readModel(r.Body, version)
	if err != nil {
		return nil, fault.Newf(fault.Conflict, "predict.empty_version", "version %d holds no model: the data supported none", version).At(fault.Place{Field: "version"})
	}
	if r, err = s.Records.Activate(ctx, records.Churn, version); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.active = m
	s.mu.Unlock()
	return s.card(ctx, r)
}

// Card is everything that is said about a version; 0 is the active one, or the newest where none is.
func (s *Service) Card(ctx context.Context, version int64) (*Card, error) {
	r, found, err := s.record(ctx, version)
	if err == nil && !found {
		err = noModel()
	}
	if err != nil {
		return nil, err
	}
	return s.card(ctx, r)
}

func (s *Service) record(ctx context.Context, version int64) (r records.Record, found bool, err error) {
	if version != 0 {
		r, err = s.Records.Get(ctx, records.Churn, version)
		return r, err == nil, err
	}
	if r, found, err = s.Records.Active(ctx, records.Churn); found || err != nil {
		return r, found, err
	}
	list, err := s.Records.List(ctx, records.Churn)
	if err != nil || len(list) == 0 {
		return r, false, err
	}
	r, err = s.Records.Get(ctx, records.Churn, list[0].Version)
	return r, err == nil, err
}

func noModel() error {
	return fault.New(fault.NotFound, "predict.no_model", "no model of who leaves has been trained yet").Then("Run `dangol train churn`.")
}

func (s *Service) card(ctx context.Context, r records.Record) (*Card, error) {
	c := &Card{}
	if err := json.Unmarshal(r.Card, c); err != nil {
		return nil, fmt.Errorf("churn: card of version %d: %w", r.Version, err)
	}
	c.Version, c.Active, c.TrainedAt = r.Version, r.Active, r.TrainedAt.Format(time.RFC3339)
	return c, s.withVersions(ctx, c)
}

// withVersions makes a card that is kept one that is shown.
func (s *Service) withVersions(ctx context.Context, c *Card) error {
	c.Definition = c.Definition.shown()
	list, err := s.Records.List(ctx, records.Churn)
	if err != nil {
		return err
	}
	c.Versions = []VersionView{}
	for _, r := range list {
		var sum summary
		if err := json.Unmarshal(r.Summary, &sum); err != nil {
			return fmt.Errorf("churn: version %d: %w", r.Version, err)
		}
		c.Versions = append(c.Versions, VersionView{
			Version: r.Version, TrainedAt: r.TrainedAt.Format(time.RFC3339), AsOf: r.AsOf, Active: r.Active, Status: sum.Status, Winner: sum.Winner, AUC: sum.AUC, LogLoss: sum.LogLoss,
			Horizon: sum.Horizon,
		})
	}
	return nil
}

// View is the line of this kind in the list of models.
func (s *Service) View(ctx context.Context) (records.View, error) {
	v := records.View{Kind: records.Churn, Status: None, Sentences: noModelSaid, Drift: records.DriftView{Status: "unknown"}}
	v.Sentence = v.Sentences["en"]
	list, err := s.Records.List(ctx, records.Churn)
	if err != nil || len(list) == 0 {
		return v, err
	}
	r := list[0]
	for _, other := range list {
		if other.Active {
			r = other
		}
	}
	var sum summary
	if err := json.Unmarshal(r.Summary, &sum); err != nil {
		return v, fmt.Errorf("churn: version %d: %w", r.Version, err)
	}
	v.Version, v.Active, v.Status, v.TrainedAt, v.AsOf = r.Version, r.Active, sum.Status, r.TrainedAt.Format(time.RFC3339), &r.AsOf
	v.Winner, v.WinnerLabel, v.Rows, v.Sentences, v.Sentence = sum.Winner, label(sum.Winner), int64(sum.Rows), sum.Sentences, sum.Sentences["en"]
	if sum.Winner != "" {
		v.AUC, v.LogLoss, v.Brier, v.ECE = &sum.AUC, &sum.LogLoss, &sum.Brier, &sum.ECE
	}
	if v.Drift.Status = sum.Drift; sum.Drift != "unknown" {
		v.Drift.PSI = &sum.PSI
	}
	return v, nil
}

var noModelSaid = told("Nothing has been trained yet: run `dangol train churn`.", "아직 학습한 모델이 없습니다. `dangol train churn`을 실행하십시오.", "ยังไม่ได้ฝึกแบบจำลอง ให้เรียก `dangol train churn`")
