package audience

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/market"
)

type customersInput struct {
	Filter
	AsOfInput
	Limit  int `query:"limit" default:"50" minimum:"1" maximum:"500"`
	Offset int `query:"offset" default:"0" minimum:"0"`
}

type downloadInput struct {
	Filter
	AsOfInput
	BOM bool `query:"bom" doc:"begin with a byte order mark, without which spreadsheets such as Excel misread letters beyond ASCII"`
}

type customersOutput struct {
	Body struct {
		Items []Customer `json:"items"`
		Total int64      `json:"total"`
		Next  string     `json:"next" doc:"offset of the next page; empty on the last"`
	}
}

type segmentsOutput struct {
	Body struct {
		AsOf  *day.Day      `json:"as_of" format:"date"`
		Items []SegmentView `json:"items"`
	}
}

type slugInput struct {
	AsOfInput
	Slug string `path:"slug" maxLength:"64"`
}

type overlapsOutput struct {
	Body struct {
		Items []Overlap `json:"items"`
	}
}

type analyzeInput struct {
	Body struct {
		AsOf string `json:"as_of,omitempty" doc:"YYYY-MM-DD; the last day in the data when absent" format:"date"`
	} `required:"false"`
}

// Register adds the room's operations.
func Register(api *rest.API, s *Service, jobs *job.Line) {
	registerCustomers(api, s)
	registerSegments(api, s)
	rest.Register(api, rest.Op{ID: "start-analysis", Method: http.MethodPost, Path: "/v1/analyses", Tag: "Analysis", Summary: "Compute traits, RFM, lifecycle and predictions of every customer", Needs: rest.Write, Status: http.StatusAccepted},
		func(_ context.Context, in *analyzeInput) (*struct{ Body job.Job }, error) {
			asOf := day.Unknown
			if in.Body.AsOf != "" {
				var err error
				if asOf, err = parseDay(in.Body.AsOf); err != nil {
					return nil, err
				}
			}
			j := jobs.Start("analysis", func(ctx context.Context, p *job.Progress) (any, error) { return s.Analyze(ctx, asOf, p) })
			return &struct{ Body job.Job }{j}, nil
		})
	rest.Register(api, rest.Op{ID: "latest-analysis", Method: http.MethodGet, Path: "/v1/analyses/latest", Tag: "Analysis", Summary: "The analysis that answers come from", Needs: rest.Read},
		func(ctx context.Context, _ *struct{}) (*struct{ Body Analysis }, error) {
			a, found, err := s.Latest(ctx)
			if err == nil && !found {
				err = fault.New(fault.NotFound, "audience.no_analysis", "no analysis has been made yet").Then("Run `dangol analyze`.")
			}
			return &struct{ Body Analysis }{a}, err
		})
}

func registerCustomers(api *rest.API, s *Service) {
	rest.Register(api, rest.Op{ID: "list-customers", Method: http.MethodGet, Path: "/v1/customers", Tag: "Customers", Summary: "Customers that match, a page at a time", Needs: rest.Read},
		func(ctx context.Context, in *customersInput) (*customersOutput, error) {
			out := &customersOutput{}
			out.Body.Items = []Customer{}
			total, err := s.matching(ctx, in.Filter, in.AsOf)
			if err != nil {
				return nil, err
			}
			out.Body.Total = total
			if next := in.Offset + in.Limit; int64(next) < total {
				out.Body.Next = strconv.Itoa(next)
			}
			return out, s.Each(ctx, in.Filter, in.Limit, in.Offset, func(c *Customer) error {
				out.Body.Items = append(out.Body.Items, *c)
				return nil
			})
		})
	rest.Register(api, rest.Op{ID: "stream-customers", Method: http.MethodGet, Path: "/v1/customers.ndjson", Tag: "Customers", Summary: "All customers that match, one JSON object a line", Needs: rest.Read},
		func(ctx context.Context, in *struct {
			Filter
			AsOfInput
		},
		) (*huma.StreamResponse, error) {
			if _, err := s.matching(ctx, in.Filter, in.AsOf); err != nil {
				return nil, err
			}
			return rest.Download(map[string]string{"Content-Type": "application/x-ndjson"}, func(ctx context.Context, w io.Writer) error {
				enc := json.NewEncoder(w)
				return s.Each(ctx, in.Filter, 0, 0, func(c *Customer) error { return enc.Encode(c) })
			}), nil
		})
	rest.Register(api, rest.Op{ID: "download-customers", Method: http.MethodGet, Path: "/v1/customers.csv", Tag: "Customers", Summary: "All customers that match, as CSV", Needs: rest.Read},
		func(ctx context.Context, in *downloadInput) (*huma.StreamResponse, error) {
			if _, err := s.matching(ctx, in.Filter, in.AsOf); err != nil {
				return nil, err
			}
			header := map[string]string{"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": `attachment; filename="customers.csv"`}
			return rest.Download(header, func(ctx context.Context, w io.Writer) error { return s.writeCSV(ctx, in, w) }), nil
		})
}

// matching counts those who match as of the day asked for, and says beforehand what would keep a stream from its end.
func (s *Service) matching(ctx context.Context, f Filter, asOf string) (int64, error) {
	if err := s.Kept(ctx, asOf); err != nil {
		return 0, err
	}
	return s.Count(ctx, f)
}

// byteOrderMark tells a spreadsheet that the text is UTF-8.
const byteOrderMark = "\ufeff"

func (s *Service) writeCSV(ctx context.Context, in *downloadInput, w io.Writer) error {
	if in.BOM {
		if _, err := io.WriteString(w, byteOrderMark); err != nil {
			return err
		}
	}
	out := csv.NewWriter(w)
	if err := out.Write(customerHeader); err != nil {
		return err
	}
	if err := s.Each(ctx, in.Filter, 0, 0, func(c *Customer) error { return out.Write(c.record()) }); err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

var customerHeader = []string{
	"id", "name", "email", "phone", "market", "orders", "spend", "refunds", "average_order_value", "currency", "first_order_at", "last_order_at", "days_since_last",
	"p_alive", "p_no_order_90d", "expected_orders", "expected_value", "value_at_risk", "rfm", "group", "lifecycle",
}

func (c *Customer) record() []string {
	return []string{
		harmless(c.ID), harmless(c.Name), harmless(c.Email), harmless(c.Phone), harmless(c.Market), strconv.FormatInt(c.Orders, 10), c.Spend.Decimal(), c.Refunds.Decimal(), c.AverageOrder.Decimal(), c.Spend.Currency,
		c.FirstOrderAt.String(), c.LastOrderAt.String(), strconv.FormatInt(c.DaysSinceLast, 10),
		text(c.PAlive), text(c.PNoOrder90d), text(c.Expected), exact(c.ExpectedValue), exact(c.ValueAtRisk), c.RFM, c.Group, c.Lifecycle,
	}
}

func exact(m *market.Money) string {
	if m == nil {
		return ""
	}
	return m.Decimal()
}

func text(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', 4, 64)
}

// telephone is a number in its international notation: to a spreadsheet it is a number, and dialling programs take no mark before it.
var telephone = regexp.MustCompile(`^\+[0-9]{6,15}$`)

// harmless keeps a spreadsheet from running a customer's name as a formula.
func harmless(s string) string {
	if telephone.MatchString(s) {
		return s
	}
	if s != "" && (s[0] == '=' || s[0] == '+' || s[0] == '@' || s[0] == '\t' || s[0] == '\r' || (s[0] == '-' && len(s) > 1)) {
		return "'" + s
	}
	return s
}

func registerSegments(api *rest.API, s *Service) {
	rest.Register(api, rest.Op{ID: "list-segments", Method: http.MethodGet, Path: "/v1/segments", Tag: "Segments", Summary: "Segments with size and worth", Needs: rest.Read},
		func(ctx context.Context, in *AsOfInput) (*segmentsOutput, error) {
			out := &segmentsOutput{}
			if err := s.Kept(ctx, in.AsOf); err != nil {
				return nil, err
			}
			a, found, err := s.Latest(ctx)
			if err != nil {
				return nil, err
			}
			if found {
				out.Body.AsOf = &a.AsOf
			}
			out.Body.Items, err = s.Segments(ctx)
			return out, err
		})
	rest.Register(api, rest.Op{ID: "get-segment", Method: http.MethodGet, Path: "/v1/segments/{slug}", Tag: "Segments", Summary: "One segment", Needs: rest.Read},
		func(ctx context.Context, in *slugInput) (*struct{ Body SegmentView }, error) {
			if err := s.Kept(ctx, in.AsOf); err != nil {
				return nil, err
			}
			list, err := s.Segments(ctx)
			if err != nil {
				return nil, fmt.Errorf("segment: %w", err)
			}
			for _, v := range list {
				if v.Slug == in.Slug {
					return &struct{ Body SegmentView }{v}, nil
				}
			}
			return nil, unknownSegment(in.Slug)
		})
	rest.Register(api, rest.Op{ID: "segment-overlap", Method: http.MethodGet, Path: "/v1/segments/{slug}/overlap", Tag: "Segments", Summary: "What a segment shares with each other one, built in or own", Needs: rest.Read},
		func(ctx context.Context, in *slugInput) (*overlapsOutput, error) {
			out := &overlapsOutput{}
			err := s.Kept(ctx, in.AsOf)
			if err != nil {
				return nil, err
			}
			out.Body.Items, err = s.Overlaps(ctx, in.Slug)
			return out, err
		})
}
