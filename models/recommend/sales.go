package recommend

import (
	"cmp"
	"math"
	"slices"
)

// sales is who bought how much when, without who: how many people took each
// item on each day, days ascending.
type sales struct {
	n     int // items
	day   []int32
	start []int32 // entries of day d are start[d] … start[d+1]−1
	item  []int32
	count []float32

	total   []float32   // of each item
	sum     float64     // of total
	segment [][]float32 // as total, of each segment
	segsum  []float64
}

// spans are the memories of the trends in days: a sale t days old counts
// exp(−t / span).
var spans = [...]float64{3, 7, 14, 30}

// sold counts a line as one sale, whatever its weight.
func sold(in *Interactions, n int) *sales {
	entries := make([]sale, 0, len(in.lines))
	s := &sales{n: n, total: make([]float32, n), segment: make([][]float32, len(in.segments)), segsum: make([]float64, len(in.segments))}
	for g := range s.segment {
		s.segment[g] = make([]float32, n)
	}
	for u := range in.users {
		g := in.segment[u]
		for _, l := range in.of(u) {
			entries = append(entries, sale{l.day, l.item, 1})
			s.segment[g][l.item]++
			s.segsum[g]++
		}
	}
	s.fill(entries)
	return s
}

type sale struct {
	day, item int32
	count     float32
}

// fill makes the calendar and the totals from entries.
func (s *sales) fill(entries []sale) {
	slices.SortFunc(entries, func(a, b sale) int { return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.item, b.item)) })
	s.day, s.start, s.item, s.count = nil, []int32{0}, nil, nil
	for i, e := range entries {
		s.total[e.item] += e.count
		s.sum += float64(e.count)
		fresh := i == 0 || entries[i-1].day != e.day
		if !fresh && entries[i-1].item == e.item {
			s.count[len(s.count)-1] += e.count
			continue
		}
		if fresh {
			s.day, s.start = append(s.day, e.day), append(s.start, int32(len(s.item)))
		}
		s.item, s.count = append(s.item, e.item), append(s.count, e.count)
		s.start[len(s.start)-1] = int32(len(s.item))
	}
}

// entries is the calendar as a list.
func (s *sales) entries() []sale {
	list := make([]sale, 0, len(s.item))
	for d, day := range s.day {
		for k := s.start[d]; k < s.start[d+1]; k++ {
			list = append(list, sale{day, s.item[k], s.count[k]})
		}
	}
	return list
}

// trend puts each item's share of the sales before a day into dst, sales
// fading with span; times known, so that 1 is the average item. Without any
// sale before that day all items are 1.
func (s *sales) trend(dst []float32, at int32, span float64, known int) {
	clear(dst)
	end, _ := slices.BinarySearch(s.day, at)
	if end == 0 {
		for i := range dst {
			dst[i] = 1
		}
		return
	}
	last, total := s.day[end-1], 0.0
	for d := end - 1; d >= 0; d-- {
		age := float64(last - s.day[d])
		if age > 16*span {
			break
		}
		w := float32(math.Exp(-age / span))
		for k := s.start[d]; k < s.start[d+1]; k++ {
			dst[s.item[k]] += w * s.count[k]
			total += float64(w * s.count[k])
		}
	}
	scale := float32(float64(known) / total)
	for i := range dst {
		dst[i] *= scale
	}
}

// held is how many sales of everybody a segment's own are mixed with: in a
// segment of a thousand purchases both count the same.
const held = 1000

// popularity puts each item's share of a segment's sales into dst, held
// towards everybody's; times known. A negative segment is everybody.
func (s *sales) popularity(dst []float32, segment, known int) {
	if s.sum == 0 {
		clear(dst)
		return
	}
	all := float64(known) / s.sum
	if segment < 0 || len(s.segment) == 1 {
		for i, v := range s.total {
			dst[i] = float32(float64(v) * all)
		}
		return
	}
	own, n := s.segment[segment], s.segsum[segment]
	for i, v := range s.total {
		dst[i] = float32((float64(own[i])*float64(known) + held*float64(v)*all) / (n + held))
	}
}
