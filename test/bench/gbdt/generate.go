package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"strconv"

	"github.com/dangol/dangol/models/gbdt"
)

// table is the simulated set: columns of 32-bit numbers and a binary label.
type table struct {
	columns [][]float32
	labels  []float64
	bayes   []float64 // the true probabilities
}

const width = 30

// generate draws n rows of a known process: normal, log-normal, uniform and
// whole-number columns, of which some do nothing; the logit has main effects,
// steps, waves and products. The same seed gives the same bytes.
func generate(n int, seed uint64) *table {
	rng := rand.New(rand.NewPCG(seed, 30))
	t := &table{columns: make([][]float32, width), labels: make([]float64, n), bayes: make([]float64, n)}
	for f := range t.columns {
		t.columns[f] = make([]float32, n)
	}
	x := make([]float64, width)
	for i := range n {
		for f := range x {
			switch {
			case f < 15:
				x[f] = rng.NormFloat64()
			case f < 20:
				x[f] = math.Exp(rng.NormFloat64())
			case f < 25:
				x[f] = rng.Float64()
			default:
				x[f] = float64(rng.IntN(3 + 20*(f-25)))
			}
			t.columns[f][i] = float32(x[f])
			x[f] = float64(t.columns[f][i])
		}
		t.bayes[i] = 1 / (1 + math.Exp(-logit(x)))
		if rng.Float64() < t.bayes[i] {
			t.labels[i] = 1
		}
	}
	return t
}

func logit(x []float64) float64 {
	z := -0.9 + 0.6*x[0] - 0.4*x[1] + 0.3*x[2]*x[3] + 0.5*math.Sin(2*x[4]) + 0.2*x[5]*x[5]
	if x[6] > 0.5 {
		z += 0.6
	}
	if x[7] < 0 && x[8] < 0 {
		z -= 0.7
	}
	z += 0.4*math.Log(x[15]) - 0.2*x[16] + 0.8*x[20]*x[21] + 0.3*x[25] - 0.01*x[27]
	return 1.3 * z
}

// write makes two files: AT.x, the columns one after another as 32-bit
// numbers, and AT.y, the labels, a byte each.
func (t *table) write(at string) error {
	f, err := os.Create(at + ".x")
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	for _, c := range t.columns {
		if err := binary.Write(w, binary.LittleEndian, c); err != nil {
			return err
		}
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		return err
	}
	y := make([]byte, len(t.labels))
	for i, v := range t.labels {
		y[i] = byte(v)
	}
	return os.WriteFile(at+".y", y, 0o600)
}

// read reads them again.
func read(at, rows string) (*gbdt.Set, error) {
	n, err := strconv.Atoi(rows)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(at + ".x")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<16)
	columns := make([]gbdt.Column, width)
	for c := range columns {
		values := make([]float32, n)
		var word [4]byte
		for i := range values {
			if _, err := io.ReadFull(in, word[:]); err != nil {
				return nil, err
			}
			values[i] = math.Float32frombits(binary.LittleEndian.Uint32(word[:]))
		}
		columns[c] = gbdt.Float32("x"+strconv.Itoa(c), values)
	}
	y, err := os.ReadFile(at + ".y")
	if err != nil {
		return nil, err
	}
	labels := make([]float64, len(y))
	for i, v := range y {
		labels[i] = float64(v)
	}
	d, err := gbdt.NewData(columns...)
	return &gbdt.Set{Data: d, Labels: labels}, err
}
