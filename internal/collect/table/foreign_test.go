package table

import (
	"archive/zip"
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/kit/fault"
)

func TestWhatIsNoTableIsToldSo(t *testing.T) {
	t.Parallel()
	noise := make([]byte, 5000)
	source := rand.NewChaCha8([32]byte{7})
	if _, err := source.Read(noise); err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	if _, err := z.Create("orders.csv"); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ content, says string }{
		"noise.csv":   {string(noise), "binary data"},
		"program.csv": {"\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 300), "binary data"},
		"paper.csv":   {"%PDF-1.4\n1 0 obj\n", "a PDF"},
		"login.csv":   {"\n<!DOCTYPE html><html><body>Sign in</body></html>", "a web page"},
		"photo.csv":   {"\xff\xd8\xff\xe0\x00\x10JFIF", "a picture"},
		"archive.zip": {archive.String(), "a zip archive"},
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(context.Background(), path, Options{})
		if f := fault.From(err); f.Reason != "collect.not_a_table" || !strings.Contains(f.Sentence, c.says) || f.Next == "" || f.Where.File != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOddTextIsStillATable(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"nul.csv":   "order,date,customer,amount\n1,2024-01-03,a\x00b,20.00\n2,2024-01-15,bob,20.00\n3,2024-01-15,cy,20.00\n",
		"utf16.csv": "\xff\xfe" + strings.Join(strings.Split("a,b\n1,2\n3,4\n", ""), "\x00") + "\x00",
		"euckr.csv": "\xb0\xed\xb0\xb4,\xc0\xcf\xc0\xda\n1,2\n3,4\n",
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(context.Background(), path, Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
