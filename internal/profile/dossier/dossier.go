// Package dossier packs what is known of a person into an archive: everything in one JSON file, and each table as CSV.
package dossier

import (
	"archive/zip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Sheet is one table of what is known of a person.
type Sheet struct {
	Name    string
	Columns []string
	Rows    [][]any // strings, numbers, times, JSON, nil
}

// Dossier is everything that is known of a person.
type Dossier struct {
	Customer string
	At       time.Time
	Sheets   []Sheet
}

// Write packs a dossier into an archive: everything in one JSON file, and each table as CSV.
func (d *Dossier) Write(w io.Writer) error {
	archive := zip.NewWriter(w)
	whole := map[string]any{"customer": d.Customer, "exported_at": d.At}
	for _, s := range d.Sheets {
		rows := make([]map[string]any, 0, len(s.Rows))
		for _, row := range s.Rows {
			m := make(map[string]any, len(row))
			for i, v := range row {
				m[s.Columns[i]] = jsonValue(v)
			}
			rows = append(rows, m)
		}
		whole[s.Name] = rows
	}
	f, err := archive.CreateHeader(d.header("customer.json"))
	if err != nil {
		return fmt.Errorf("pack an export: %w", err)
	}
	encoder := json.NewEncoder(f)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(whole); err != nil {
		return fmt.Errorf("pack an export: %w", err)
	}
	for _, s := range d.Sheets {
		f, err := archive.CreateHeader(d.header(s.Name + ".csv"))
		if err != nil {
			return fmt.Errorf("pack an export: %w", err)
		}
		if err := s.csv(f); err != nil {
			return fmt.Errorf("pack an export: %w", err)
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("pack an export: %w", err)
	}
	return nil
}

func (d *Dossier) header(name string) *zip.FileHeader {
	return &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: d.At}
}

func (s *Sheet) csv(w io.Writer) error {
	c := csv.NewWriter(w)
	_ = c.Write(s.Columns) // the writer remembers its error
	cells := make([]string, len(s.Columns))
	for _, row := range s.Rows {
		for i, v := range row {
			cells[i] = csvValue(v)
		}
		_ = c.Write(cells)
	}
	c.Flush()
	return c.Error()
}

// jsonValue keeps JSON that a table holds as JSON.
func jsonValue(v any) any {
	switch t := v.(type) {
	case []byte:
		return jsonValue(string(t))
	case string:
		if (strings.HasPrefix(t, "{") || strings.HasPrefix(t, "[")) && json.Valid([]byte(t)) {
			return json.RawMessage(t)
		}
	case float64:
		if t != t || t-t != 0 {
			return nil // neither NaN nor the infinite are JSON
		}
	}
	return v
}

func csvValue(v any) string {
	switch t := v.(type) {
	case nil:
		return ""
	case string:
		return harmless(t)
	case []byte:
		return harmless(string(t))
	case json.RawMessage:
		var text string
		if json.Unmarshal(t, &text) == nil {
			return harmless(text)
		}
		return string(t) // numbers, lists and objects are no formulas
	case time.Time:
		return t.Format(time.RFC3339)
	case *time.Time:
		if t == nil {
			return ""
		}
		return t.Format(time.RFC3339)
	case float64:
		return strconv.FormatFloat(t, 'g', -1, 64)
	}
	return fmt.Sprint(v)
}

// harmless keeps spreadsheets from running text as a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+@\t\r", rune(s[0])) || len(s) > 1 && s[0] == '-' {
		return "'" + s
	}
	return s
}
