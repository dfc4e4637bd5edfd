package flow

import (
	"fmt"
	"syscall"
	"testing"
)

// BenchmarkFlow takes 600-byte events through decode, claim and warehouse; people and audience cost nothing here. The figure
// that counts on a busy machine is the processor's time an event.
func BenchmarkFlow(b *testing.B) {
	h := open(b)
	const group = 1000
	calls := make([][]byte, group)
	made := 0
	b.ResetTimer()
	before := cpu()
	for range b.N {
		for i := range calls {
			made++
			calls[i] = fmt.Appendf(nil, `{"type":"track","event":"Product Viewed %d","userId":"user-%d","messageId":"6f2c9a50-9f3b-4a55-9d2c-%012d","timestamp":"2026-01-02T03:04:05.678Z",`+
				`"context":{"library":{"name":"analytics.js","version":"2.1.0"},"page":{"path":"/products/%d","url":"https://shop.example.com/products/%d","title":"A thing to buy","referrer":""},`+
				`"userAgent":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36","locale":"ko-KR","timezone":"Asia/Seoul"},`+
				`"properties":{"product_id":"p%d","sku":"SKU-%d","category":"Kitchen","name":"Mug","price":%d.50,"quantity":1,"currency":"KRW","position":3}}`,
				made%20, made%50_000, made, made%1000, made%1000, made%1000, made%1000, made%500)
		}
		if err := h.gate.Put(b.Context(), "key", calls); err != nil {
			b.Fatal(err)
		}
	}
	if err := h.flow.Drain(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(cpu()-before)/1e3/float64(b.N*group), "cpu-µs/event")
	b.ReportMetric(float64(b.N*group)/b.Elapsed().Seconds(), "events/s")
}

func cpu() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
