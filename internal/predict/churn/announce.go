package churn

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/zeebo/xxh3"
)

// RiskEvent is told when somebody's band of risk changes while the version that scores stays the same.
const RiskEvent = "Churn Risk Changed"

type riskTold struct {
	Type       string      `json:"type"`
	Event      string      `json:"event"`
	MessageID  string      `json:"messageId"`
	Timestamp  string      `json:"timestamp"`
	Context    toldContext `json:"context"`
	Properties riskMove    `json:"properties"`
}

type toldContext struct {
	ExternalIDs []toldID `json:"externalIds"`
}

type toldID struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	Collection string `json:"collection"`
	Encoding   string `json:"encoding"`
}

type riskMove struct {
	From     float64 `json:"from"`
	To       float64 `json:"to"`
	BandFrom string  `json:"band_from"`
	BandTo   string  `json:"band_to"`
	Reason   string  `json:"reason"`
	Version  int64   `json:"version"`
	AsOf     string  `json:"as_of"`
}

// tellPiece is how many events go into one message of the log.
const tellPiece = 1000

// announce tells whose band changes by what is staged, under one version. It is called before the commit: what a crash makes us tell again
// has the same message ids, and counts once.
func (s *Service) announce(ctx context.Context, conn *sql.Conn, version int64) (changed int64, err error) {
	rows, err := conn.QueryContext(ctx, `SELECT customer_key, as_of, previous, risk, band_before, band, reason FROM next_prediction
		WHERE version_before = $1 AND band_before <> band ORDER BY customer_key`, version)
	if err != nil {
		return 0, fmt.Errorf("churn: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var events [][]byte
	tell := func() error {
		if s.Announce == nil || len(events) == 0 {
			return nil
		}
		err := s.Announce(ctx, events)
		events = events[:0:0]
		return err
	}
	for rows.Next() {
		var key uint32
		var asOf int32
		m := riskMove{Version: version}
		if err := rows.Scan(&key, &asOf, &m.From, &m.To, &m.BandFrom, &m.BandTo, &m.Reason); err != nil {
			return 0, fmt.Errorf("churn: %w", err)
		}
		e, err := s.event(key, asOf, m)
		if err != nil {
			return 0, err
		}
		changed++
		if events = append(events, e); len(events) == tellPiece {
			if err := tell(); err != nil {
				return 0, err
			}
		}
	}
	if err := rows.Err(); err != nil {
		return 0, fmt.Errorf("churn: %w", err)
	}
	return changed, tell()
}

func (s *Service) event(key uint32, asOf int32, m riskMove) ([]byte, error) {
	seed := binary.LittleEndian.AppendUint32([]byte(RiskEvent), key)
	for _, x := range []uint64{uint64(m.Version), math.Float64bits(m.From), math.Float64bits(m.To)} {
		seed = binary.LittleEndian.AppendUint64(seed, x)
	}
	h := xxh3.Hash128(binary.LittleEndian.AppendUint32(seed, uint32(asOf))).Bytes()
	m.From, m.To, m.AsOf = math.Round(m.From*1e4)/1e4, math.Round(m.To*1e4)/1e4, dayText(asOf)
	text, err := json.Marshal(riskTold{
		Type: "track", Event: RiskEvent, MessageID: "risk:" + hex.EncodeToString(h[:]), Timestamp: s.Clock().UTC().Format("2006-01-02T15:04:05.000000Z"),
		Context: toldContext{[]toldID{{strconv.FormatUint(uint64(key), 10), "key", "users", "none"}}}, Properties: m,
	})
	if err != nil {
		return nil, fmt.Errorf("churn: announce: %w", err)
	}
	return text, nil
}
