package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/dangol/dangol/test/bench/load"
)

// probed is the segment that everybody enters with a first probe.
const probed = "bench-probed"

// makeSegments defines those that are not there yet: rules as a shop writes them, and the one of the probes.
func (s *server) makeSegments(ctx context.Context, n int) error {
	kept := map[string]bool{}
	if err := s.existing(ctx, kept); err != nil {
		return err
	}
	drafts := []map[string]any{
		{"id": load.Friends, "name": "Friends", "kind": "manual"},
		{"id": probed, "name": "Probed", "rule": json.RawMessage(fmt.Sprintf(`{"did":%q}`, probeName))},
	}
	for i, text := range load.Fifty[:min(n, len(load.Fifty))] {
		drafts = append(drafts, map[string]any{"id": fmt.Sprintf("bench-%02d", i), "name": fmt.Sprintf("Bench %d", i), "rule": json.RawMessage(text)})
	}
	for _, d := range drafts {
		if kept[d["id"].(string)] {
			continue
		}
		body, err := json.Marshal(d)
		if err != nil {
			return err
		}
		if err := s.call(ctx, http.MethodPost, "/v1/segments", body, nil); err != nil {
			return fmt.Errorf("segment %s: %w", d["id"], err)
		}
	}
	return s.allLive(ctx)
}

type listed struct {
	Items []struct {
		ID   string `json:"id"`
		Live bool   `json:"live"`
		Rule json.RawMessage
	} `json:"items"`
}

func (s *server) existing(ctx context.Context, kept map[string]bool) error {
	var list listed
	err := s.call(ctx, http.MethodGet, "/v1/segments", nil, &list)
	for _, one := range list.Items {
		kept[one.ID] = true
	}
	return err
}

// allLive waits until the members of every segment of the bench follow events.
func (s *server) allLive(ctx context.Context) error {
	for {
		var list listed
		if err := s.call(ctx, http.MethodGet, "/v1/segments", nil, &list); err != nil {
			return err
		}
		waiting := 0
		for _, one := range list.Items {
			if strings.HasPrefix(one.ID, "bench-") && !one.Live {
				waiting++
			}
		}
		if waiting == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

func (s *server) call(ctx context.Context, method, path string, body []byte, into any) error {
	r, err := http.NewRequestWithContext(ctx, method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode >= http.StatusMultipleChoices {
		err = fmt.Errorf("%s: %s", answer.Status, text)
	}
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(text, into)
}
