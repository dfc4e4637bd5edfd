//go:build !amd64

package recommend

// Other processors take the plain loops of kernel.go.
const vector = false

func gemm4x16(int, *float32, int, *float32, int, *float32, int) {}

func gemm4x8(int, *float64, int, *float64, int, *float64, int) {}

func gramRows(_, _ *float32, _ int, _ *float32, _ *int32, _, _ *float32, _ int) {}

func axpy4(_ *float32, _ int, _, _, _, _ *float32, _ *float32) {}

func dot4(_, _ *float32, _ int, _ *float32, _ int) {}
