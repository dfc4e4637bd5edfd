package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/dangol/dangol/internal/app"
)

func escape(part string) string { return url.PathEscape(part) }

// printJSON prints an answer as it came, indented.
func (e *env) printJSON(raw json.RawMessage, err error) error {
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, bytes.TrimSpace(raw), "", "  "); err != nil {
		return err
	}
	b.WriteByte('\n')
	_, err = e.out.Write(b.Bytes())
	return err
}

// ask gets an answer; with --json it is printed as it came and shown is false.
func (e *env) ask(ctx context.Context, c *app.Client, path string, query url.Values, into any) (shown bool, err error) {
	var raw json.RawMessage
	if err := c.Call(ctx, http.MethodGet, path, query, nil, &raw); err != nil {
		return false, err
	}
	if e.json {
		return true, e.printJSON(raw, nil)
	}
	return false, json.Unmarshal(raw, into)
}

// params builds a query from pairs, leaving out what is empty.
func params(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	return v
}
