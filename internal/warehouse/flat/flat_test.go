package flat_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/dangol/dangol/internal/warehouse/flat"
)

// TestScan goes over what is written in every way that JSON allows.
func TestScan(t *testing.T) {
	for object, want := range map[string]string{
		`{}`:                                       "",
		` { "a" : 1 , "b":"x" } `:                  "a=plain 1; b=plain x",
		`{"a":null,"b":true,"c":false}`:            "a=null; b=plain true; c=plain false",
		`{"a":{"b":["}",{"c":"\"]"}]},"d":[]}`:     "a=nested; d=nested",
		`{"a":"x\n\u00e9\/\"","b":"\ud83d\ude00"}`: "a=plain x\né/\"; b=odd",
		`{"a\u0062":1}`:                            "odd key 1",
		`{"":"","가격":"비싼"}`:                        "=plain ; 가격=plain 비싼",
		`{"a":12.5,"b":12.50,"c":1e3,"d":-0,"e":0.001,"f":0.00001,"g":-7,"h":0.0,"i":-0.0,"j":20.0}`: "a=plain 12.5; b=odd; c=odd; d=odd; e=plain 0.001; f=odd; g=plain -7; h=plain 0.0; i=odd; j=plain 20.0",
		`{"a":123456789012345678,"b":1234567890123456789,"c":1234567890.123456}`:                     "a=plain 123456789012345678; b=odd; c=odd",
		`[1]`: "", `"x"`: "", ``: "", `{"a"`: "", `{"a":`: "", `{`: "",
	} {
		var got []string
		kinds := map[flat.Kind]string{flat.Null: "null", flat.Plain: "plain", flat.Nested: "nested", flat.Odd: "odd"}
		for s := flat.Scan([]byte(object)); s.Next(); {
			one := string(s.Key) + "=" + kinds[s.Kind]
			if s.Kind == flat.Plain {
				one += " " + string(s.Text)
			}
			if s.OddKey {
				one = "odd key " + string(s.Text)
			}
			got = append(got, one)
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s\ngot  %s\nwant %s", object, strings.Join(got, "; "), want)
		}
	}
}

// TestColumnsTellWhatTheEngineReads makes random properties of one name, and asks DuckDB for each of them what ->> gives: where the columns
// claim to tell, they must give the same.
func TestColumnsTellWhatTheEngineReads(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	r := rand.New(rand.NewPCG(1, 2))
	var list []flat.Property
	kept, told := [][2]string{}, 0
	for range 3000 {
		object := drawObject(r)
		row := flat.Row{List: list}
		row.Read([]byte(object))
		list = row.List
		for i, key := range keys {
			n := slices.IndexFunc(list, func(p flat.Property) bool { return p.Name == key })
			if n < 0 || int(row.Told()) < flat.None+n+1 {
				continue
			}
			at := list[n].Column
			gives := "\x00"
			if v := row.Values[at]; v != nil {
				gives = string(v)
			}
			kept = append(kept, [2]string{object + "\x00" + fmt.Sprint(i), gives})
			told++
		}
	}
	if told < 3000 || len(list) != flat.Columns {
		t.Fatalf("%d told, %v have columns", told, list)
	}
	for _, k := range kept {
		object, i, _ := strings.Cut(k[0], "\x00")
		var n int
		_, _ = fmt.Sscan(i, &n)
		var got sql.NullString
		if err := db.QueryRowContext(context.Background(), `SELECT $1->>'$."`+keys[n]+`"'`, object).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if !got.Valid {
			got.String = "\x00"
		}
		if got.String != k[1] {
			t.Fatalf("%s of %s: the engine reads %q, its column has %q", keys[n], object, got.String, k[1])
		}
	}
}

var keys = []string{"a", "b", "category", "가격", "is set", "c-d", "e1", "f", "g", "h", "i", "j"}

func drawObject(r *rand.Rand) string {
	var parts []string
	for _, k := range keys {
		if r.IntN(3) > 0 {
			continue
		}
		key, _ := json.Marshal(k)
		if r.IntN(60) == 0 && k == "a" {
			key = []byte(`"\u0061"`)
		}
		parts = append(parts, string(key)+pick(r, ":", " : ")+drawValue(r))
		if r.IntN(40) == 0 {
			parts = append(parts, string(key)+":"+drawValue(r)) // twice
		}
	}
	r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	return "{" + strings.Join(parts, pick(r, ",", " , ")) + "}"
}

func drawValue(r *rand.Rand) string {
	switch r.IntN(9) {
	case 0:
		return pick(r, "null", "true", "false")
	case 1:
		return fmt.Sprint(r.Int64N(2_000_000) - 1_000_000)
	case 2:
		return fmt.Sprint(r.Int64())
	case 3:
		return fmt.Sprint(float64(r.Int64N(100_000)) / 100)
	case 4:
		return pick(r, "-0", "0", "0.0", "-0.0", "1e3", "1E-7", "12.50", "0.00001", "0.01", "0.001", "0.010", "100000000000000000000", "9223372036854775808", "123456.789", "-3.25", "99999999999999.9", "0.1234567", "1.0", "20.0", "1e400")
	case 5:
		return pick(r, `"tea"`, `""`, `" "`, `"가나다"`, `"ชา"`, `"a\"b"`, `"\u00e9"`, `"\ud83d\ude00"`, `"😀"`, `"\n"`, `"\u0000"`, `"\\"`, `"null"`, `"1.50"`, `"{}"`)
	case 6:
		return pick(r, "{}", `{"a":1}`, "[]", `[1,"x"]`)
	case 7:
		return `"` + strings.Repeat("long ", r.IntN(70)) + `"`
	}
	return fmt.Sprint(r.Float64())
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// FuzzScan: whatever it is given, it ends; of valid JSON it finds as many properties as there are.
func FuzzScan(f *testing.F) {
	for _, s := range []string{`{"a":1,"b":{"c":[1,2,{"d":"}"}]}}`, `{"a":"\\\""}`, `{"a`, `{"a":1`, ` {} `} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, object []byte) {
		n := 0
		for s := flat.Scan(object); s.Next(); n++ {
			if n > len(object) {
				t.Fatal("it does not end")
			}
		}
		var m map[string]json.RawMessage
		if json.Unmarshal(object, &m) == nil && n < len(m) {
			t.Fatalf("%d of %d properties of %q", n, len(m), object)
		}
		row := flat.Row{}
		row.Read(object)
		_ = row.Told()
	})
}
