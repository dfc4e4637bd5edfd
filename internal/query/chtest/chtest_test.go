package chtest

import (
	"fmt"
	"testing"
)

func TestQuery(t *testing.T) {
	e := Open(t)
	rows, err := e.Query(`SELECT toInt64(1) + $1, $2, NULL, 'a$1', true, toUInt64(18446744073709551615)`, 41, `it's \ fine`)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(rows), `[[42 it's \ fine <nil> a$1 true 18446744073709551615]]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, err := e.Query(`SELECT nothing`); err == nil {
		t.Error("a question without sense is answered")
	}
}
