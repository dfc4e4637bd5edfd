#include "textflag.h"

// Every vector length below is a multiple of 16 floats (8 doubles for the
// double kernel); the Go side pads. Strides are in elements.

// func gemm4x16(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int)
// c (4×16) += aᵀ b, a being k×4 and b k×16.
TEXT ·gemm4x16(SB), NOSPLIT, $0-56
	MOVQ k+0(FP), CX
	MOVQ a+8(FP), SI
	MOVQ lda+16(FP), R8
	SHLQ $2, R8
	MOVQ b+24(FP), DI
	MOVQ ldb+32(FP), R9
	SHLQ $2, R9
	MOVQ c+40(FP), DX
	MOVQ ldc+48(FP), R10
	SHLQ $2, R10
	LEAQ (DX)(R10*2), R11
	PREFETCHT0 (DX)
	PREFETCHT0 (DX)(R10*1)
	PREFETCHT0 (R11)
	PREFETCHT0 (R11)(R10*1)
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3
	VXORPS Y4, Y4, Y4
	VXORPS Y5, Y5, Y5
	VXORPS Y6, Y6, Y6
	VXORPS Y7, Y7, Y7

gemm32:
	VMOVUPS      (DI), Y8
	VMOVUPS      32(DI), Y9
	VBROADCASTSS (SI), Y10
	VBROADCASTSS 4(SI), Y11
	VBROADCASTSS 8(SI), Y12
	VBROADCASTSS 12(SI), Y13
	VFMADD231PS  Y8, Y10, Y0
	VFMADD231PS  Y9, Y10, Y1
	VFMADD231PS  Y8, Y11, Y2
	VFMADD231PS  Y9, Y11, Y3
	VFMADD231PS  Y8, Y12, Y4
	VFMADD231PS  Y9, Y12, Y5
	VFMADD231PS  Y8, Y13, Y6
	VFMADD231PS  Y9, Y13, Y7
	ADDQ         R8, SI
	ADDQ         R9, DI
	DECQ         CX
	JNZ          gemm32

	VADDPS  (DX), Y0, Y0
	VADDPS  32(DX), Y1, Y1
	VMOVUPS Y0, (DX)
	VMOVUPS Y1, 32(DX)
	ADDQ    R10, DX
	VADDPS  (DX), Y2, Y2
	VADDPS  32(DX), Y3, Y3
	VMOVUPS Y2, (DX)
	VMOVUPS Y3, 32(DX)
	ADDQ    R10, DX
	VADDPS  (DX), Y4, Y4
	VADDPS  32(DX), Y5, Y5
	VMOVUPS Y4, (DX)
	VMOVUPS Y5, 32(DX)
	ADDQ    R10, DX
	VADDPS  (DX), Y6, Y6
	VADDPS  32(DX), Y7, Y7
	VMOVUPS Y6, (DX)
	VMOVUPS Y7, 32(DX)
	VZEROUPPER
	RET

// func gemm4x8(k int, a *float64, lda int, b *float64, ldb int, c *float64, ldc int)
// c (4×8) += aᵀ b, a being k×4 and b k×8.
TEXT ·gemm4x8(SB), NOSPLIT, $0-56
	MOVQ k+0(FP), CX
	MOVQ a+8(FP), SI
	MOVQ lda+16(FP), R8
	SHLQ $3, R8
	MOVQ b+24(FP), DI
	MOVQ ldb+32(FP), R9
	SHLQ $3, R9
	MOVQ c+40(FP), DX
	MOVQ ldc+48(FP), R10
	SHLQ $3, R10
	LEAQ (DX)(R10*2), R11
	PREFETCHT0 (DX)
	PREFETCHT0 (DX)(R10*1)
	PREFETCHT0 (R11)
	PREFETCHT0 (R11)(R10*1)
	VXORPD Y0, Y0, Y0
	VXORPD Y1, Y1, Y1
	VXORPD Y2, Y2, Y2
	VXORPD Y3, Y3, Y3
	VXORPD Y4, Y4, Y4
	VXORPD Y5, Y5, Y5
	VXORPD Y6, Y6, Y6
	VXORPD Y7, Y7, Y7

gemm64:
	VMOVUPD      (DI), Y8
	VMOVUPD      32(DI), Y9
	VBROADCASTSD (SI), Y10
	VBROADCASTSD 8(SI), Y11
	VBROADCASTSD 16(SI), Y12
	VBROADCASTSD 24(SI), Y13
	VFMADD231PD  Y8, Y10, Y0
	VFMADD231PD  Y9, Y10, Y1
	VFMADD231PD  Y8, Y11, Y2
	VFMADD231PD  Y9, Y11, Y3
	VFMADD231PD  Y8, Y12, Y4
	VFMADD231PD  Y9, Y12, Y5
	VFMADD231PD  Y8, Y13, Y6
	VFMADD231PD  Y9, Y13, Y7
	ADDQ         R8, SI
	ADDQ         R9, DI
	DECQ         CX
	JNZ          gemm64

	VADDPD  (DX), Y0, Y0
	VADDPD  32(DX), Y1, Y1
	VMOVUPD Y0, (DX)
	VMOVUPD Y1, 32(DX)
	ADDQ    R10, DX
	VADDPD  (DX), Y2, Y2
	VADDPD  32(DX), Y3, Y3
	VMOVUPD Y2, (DX)
	VMOVUPD Y3, 32(DX)
	ADDQ    R10, DX
	VADDPD  (DX), Y4, Y4
	VADDPD  32(DX), Y5, Y5
	VMOVUPD Y4, (DX)
	VMOVUPD Y5, 32(DX)
	ADDQ    R10, DX
	VADDPD  (DX), Y6, Y6
	VADDPD  32(DX), Y7, Y7
	VMOVUPD Y6, (DX)
	VMOVUPD Y7, 32(DX)
	VZEROUPPER
	RET

// func gramRows(out, p *float32, f int, y *float32, idx *int32, u, w *float32, n int)
// out += Σ_i (u_i + w_i (y[idx_i]·p)) y[idx_i], rows of y being f long.
TEXT ·gramRows(SB), NOSPLIT, $0-64
	MOVQ out+0(FP), DI
	MOVQ p+8(FP), SI
	MOVQ f+16(FP), R11
	SHLQ $2, R11
	MOVQ y+24(FP), DX
	MOVQ idx+32(FP), R9
	MOVQ u+40(FP), R12
	MOVQ w+48(FP), R10
	MOVQ n+56(FP), CX

gramRow:
	MOVLQSX (R9), AX
	IMULQ   R11, AX
	ADDQ    DX, AX
	VXORPS  Y0, Y0, Y0
	VXORPS  Y1, Y1, Y1
	XORQ    BX, BX

gramDot:
	VMOVUPS     (AX)(BX*1), Y4
	VMOVUPS     32(AX)(BX*1), Y5
	VFMADD231PS (SI)(BX*1), Y4, Y0
	VFMADD231PS 32(SI)(BX*1), Y5, Y1
	ADDQ        $64, BX
	CMPQ        BX, R11
	JLT         gramDot

	VADDPS       Y1, Y0, Y0
	VEXTRACTF128 $1, Y0, X1
	VADDPS       X1, X0, X0
	VHADDPS      X0, X0, X0
	VHADDPS      X0, X0, X0
	VMOVSS       (R12), X6
	VMOVSS       (R10), X7
	VFMADD231SS  X7, X0, X6
	VBROADCASTSS X6, Y0
	XORQ         BX, BX

gramAxpy:
	VMOVUPS     (DI)(BX*1), Y2
	VMOVUPS     32(DI)(BX*1), Y3
	VFMADD231PS (AX)(BX*1), Y0, Y2
	VFMADD231PS 32(AX)(BX*1), Y0, Y3
	VMOVUPS     Y2, (DI)(BX*1)
	VMOVUPS     Y3, 32(DI)(BX*1)
	ADDQ        $64, BX
	CMPQ        BX, R11
	JLT         gramAxpy

	ADDQ $4, R9
	ADDQ $4, R10
	ADDQ $4, R12
	DECQ CX
	JNZ  gramRow
	VZEROUPPER
	RET

// func axpy4(out *float32, n int, y0, y1, y2, y3 *float32, coef *float32)
// out += coef[0] y0 + coef[1] y1 + coef[2] y2 + coef[3] y3.
TEXT ·axpy4(SB), NOSPLIT, $0-56
	MOVQ         out+0(FP), DI
	MOVQ         n+8(FP), CX
	SHLQ         $2, CX
	MOVQ         y0+16(FP), R8
	MOVQ         y1+24(FP), R9
	MOVQ         y2+32(FP), R10
	MOVQ         y3+40(FP), R11
	MOVQ         coef+48(FP), AX
	VBROADCASTSS (AX), Y4
	VBROADCASTSS 4(AX), Y5
	VBROADCASTSS 8(AX), Y6
	VBROADCASTSS 12(AX), Y7
	XORQ         BX, BX

axpyLoop:
	VMOVUPS     (DI)(BX*1), Y0
	VMOVUPS     32(DI)(BX*1), Y1
	VFMADD231PS (R8)(BX*1), Y4, Y0
	VFMADD231PS 32(R8)(BX*1), Y4, Y1
	VFMADD231PS (R9)(BX*1), Y5, Y0
	VFMADD231PS 32(R9)(BX*1), Y5, Y1
	VFMADD231PS (R10)(BX*1), Y6, Y0
	VFMADD231PS 32(R10)(BX*1), Y6, Y1
	VFMADD231PS (R11)(BX*1), Y7, Y0
	VFMADD231PS 32(R11)(BX*1), Y7, Y1
	VMOVUPS     Y0, (DI)(BX*1)
	VMOVUPS     Y1, 32(DI)(BX*1)
	ADDQ        $64, BX
	CMPQ        BX, CX
	JLT         axpyLoop
	VZEROUPPER
	RET

// func dot4(dst, p *float32, n int, y *float32, ld int)
// dst[i] = p · y[i*ld:], i = 0…3.
TEXT ·dot4(SB), NOSPLIT, $0-40
	MOVQ   dst+0(FP), DI
	MOVQ   p+8(FP), SI
	MOVQ   n+16(FP), CX
	SHLQ   $2, CX
	MOVQ   y+24(FP), R8
	MOVQ   ld+32(FP), R11
	LEAQ   (R8)(R11*4), R9
	LEAQ   (R9)(R11*4), R10
	LEAQ   (R10)(R11*4), R11
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3
	XORQ   BX, BX

dotLoop:
	VMOVUPS     (SI)(BX*1), Y4
	VMOVUPS     32(SI)(BX*1), Y5
	VFMADD231PS (R8)(BX*1), Y4, Y0
	VFMADD231PS (R9)(BX*1), Y4, Y1
	VFMADD231PS (R10)(BX*1), Y4, Y2
	VFMADD231PS (R11)(BX*1), Y4, Y3
	VFMADD231PS 32(R8)(BX*1), Y5, Y0
	VFMADD231PS 32(R9)(BX*1), Y5, Y1
	VFMADD231PS 32(R10)(BX*1), Y5, Y2
	VFMADD231PS 32(R11)(BX*1), Y5, Y3
	ADDQ        $64, BX
	CMPQ        BX, CX
	JLT         dotLoop

	VHADDPS      Y1, Y0, Y0
	VHADDPS      Y3, Y2, Y2
	VHADDPS      Y2, Y0, Y0
	VEXTRACTF128 $1, Y0, X1
	VADDPS       X1, X0, X0
	VMOVUPS      X0, (DI)
	VZEROUPPER
	RET
