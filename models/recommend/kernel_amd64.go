package recommend

import "golang.org/x/sys/cpu"

// vector says whether this processor has the instructions of kernel_amd64.s.
var vector = cpu.X86.HasAVX2 && cpu.X86.HasFMA

//go:noescape
func gemm4x16(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int)

//go:noescape
func gemm4x8(k int, a *float64, lda int, b *float64, ldb int, c *float64, ldc int)

//go:noescape
func gramRows(out, p *float32, f int, y *float32, idx *int32, u, w *float32, n int)

//go:noescape
func axpy4(out *float32, n int, y0, y1, y2, y3 *float32, coef *float32)

//go:noescape
func dot4(dst, p *float32, n int, y *float32, ld int)
