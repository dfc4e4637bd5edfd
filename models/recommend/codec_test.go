package recommend

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"hash/crc32"
	"os"
	"strings"
	"testing"
)

func saved(t testing.TB, kind Kind) []byte {
	t.Helper()
	in := build(t, "u1 a 1", "u1 b 2", "u2 a 1", "u2 c 9", "u3 b 4", "u3 c 5", "u3 a 6")
	o := quick(kind)
	o.ALS.Factors = 2
	o.Catalogue = []Product{{Item: "a", Category: "x"}, {Item: "d", Category: "x", Attributes: []string{"y"}}}
	var b bytes.Buffer
	if _, err := mustFit(t, in, o).WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDamagedFilesAreRefused(t *testing.T) {
	file := saved(t, Linear)
	if _, err := Read(bytes.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	for n := range file {
		if _, err := Read(bytes.NewReader(file[:n])); err == nil {
			t.Fatalf("%d of %d bytes were read as a model", n, len(file))
		}
		bad := bytes.Clone(file)
		bad[n] ^= 0x41
		if _, err := Read(bytes.NewReader(bad)); err == nil {
			t.Fatalf("a file with byte %d changed was read as a model", n)
		}
	}
	bad := bytes.Clone(file)
	bad[8] = 9
	if _, err := Read(bytes.NewReader(bad)); err == nil || !strings.Contains(err.Error(), "version 9") {
		t.Error(err)
	}
}

var update = flag.Bool("update", false, "write testdata/model.v1 anew")

// What an older program saved is read by every later one.
func TestVersion1IsRead(t *testing.T) {
	const name = "testdata/model.v1"
	if *update {
		if err := os.WriteFile(name, saved(t, Blend), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := Read(f)
	if err != nil {
		t.Fatal(err)
	}
	list, err := m.Recommend(History{At: 10, Events: []Event{{Item: 0, Day: 3}}}, 5, Rules{})
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, r := range list {
		got += fmt.Sprintf("%s %.3f ", r.ID, r.Score)
	}
	if want := "c 1.222 b 1.018 d -1.078 "; got != want {
		t.Errorf("%q, should be %q", got, want)
	}
}

// FuzzRead makes every checksum right, so that what is behind it is reached:
// whatever is read must answer without a panic.
func FuzzRead(f *testing.F) {
	for _, kind := range []Kind{Popularity, ItemItem, Linear, Factors, Blend} {
		f.Add(saved(f, kind))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if n := len(file) - 16; n >= 10 && string(file[n:n+4]) == "END." {
			file = bytes.Clone(file)
			binary.LittleEndian.PutUint32(file[n+12:], crc32.Checksum(file[:n+12], castagnoli))
		}
		m, err := Read(bytes.NewReader(file))
		if err != nil {
			return
		}
		h := History{At: 10, Events: []Event{{Item: 0, Day: 3}, {Item: 1, Day: 5}, {Item: 0, Day: 6}}}
		for _, r := range []Rules{{}, {Bought: AllowBought, Diversity: 0.4}, {Bought: AllowDue}} {
			list, err := m.Recommend(h, 3, r)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range list {
				if _, err := m.Explain(h, x.Item, r); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
