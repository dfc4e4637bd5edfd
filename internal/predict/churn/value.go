package churn

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/predict"
	"github.com/dangol/dangol/internal/predict/records"
)

// ValueCard is everything that is said about the model of expected value, which every analysis fits anew.
type ValueCard struct {
	Kind      string            `json:"kind"`
	Status    string            `json:"status" enum:"ready,too_few"`
	TrainedAt string            `json:"trained_at"`
	AsOf      day.Day           `json:"as_of" format:"date"`
	Winner    string            `json:"winner"`
	Label     string            `json:"winner_label"`
	Sentences map[string]string `json:"sentences"`
	Report    *predict.Report   `json:"report"`
}

var valueModels = map[string]string{"bgnbd": "BG/NBD", "mbgnbd": "MBG/NBD", "paretonbd": "Pareto/NBD"}

func (s *Service) valueCard(ctx context.Context) (*ValueCard, error) {
	latest, err := s.analysed(ctx)
	if err != nil {
		return nil, err
	}
	text, err := s.Audience.Report(ctx)
	if err != nil {
		return nil, err
	}
	c := &ValueCard{Kind: records.Value, Status: TooFew, TrainedAt: latest.FinishedAt.Format("2006-01-02T15:04:05Z07:00"), AsOf: latest.AsOf, Report: &predict.Report{}}
	if err := json.Unmarshal(text, c.Report); err != nil {
		return nil, fmt.Errorf("churn: report of the analysis: %w", err)
	}
	c.Winner, c.Label = c.Report.Model, valueModels[c.Report.Model]
	c.Sentences = told("The data support no model of who comes back.", "누가 다시 오는지 알려 주는 모델을 데이터가 뒷받침하지 않습니다.", "ข้อมูลยังไม่รองรับแบบจำลองว่าใครจะกลับมา")
	if c.Winner != "" {
		c.Status = Ready
		c.Sentences = told(c.Label+" tells how many orders of the coming year to expect of each customer, from those of the past.", c.Label+" 모델이 과거 주문으로 앞으로 1년의 주문을 예상합니다.", c.Label+" คาดจำนวนคำสั่งซื้อในปีหน้าจากประวัติของลูกค้าแต่ละคน")
	}
	return c, nil
}

func (s *Service) valueView(ctx context.Context) (records.View, error) {
	v := records.View{Kind: records.Value, Status: None, Sentences: told("Nothing has been analysed yet: run `dangol analyze`.", "아직 분석하지 않았습니다. `dangol analyze`를 실행하십시오.", "ยังไม่ได้วิเคราะห์ ให้เรียก `dangol analyze`"), Drift: records.DriftView{Status: "unknown"}}
	v.Sentence = v.Sentences["en"]
	latest, found, err := s.Audience.Latest(ctx)
	if err != nil || !found {
		return v, err
	}
	c, err := s.valueCard(ctx)
	if err != nil {
		return v, err
	}
	v.Version, v.Active, v.Status, v.TrainedAt, v.AsOf, v.Winner, v.WinnerLabel = s.Warehouse.StateVersion(), true, c.Status, c.TrainedAt, &latest.AsOf, c.Winner, c.Label
	v.Sentences, v.Sentence, v.Rows = c.Sentences, c.Sentences["en"], latest.Customers
	return v, nil
}
