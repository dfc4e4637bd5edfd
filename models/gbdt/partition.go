package gbdt

// partition parts the rows of a leaf into those that go left and, after them,
// the others, each in their old order. It returns where the right ones begin.
func (g *grower) partition(f *leaf) int {
	var table [256]uint8
	for bin := range g.m.used[f.best.feature].bins {
		if f.best.goesLeft.has(bin) {
			table[bin] = 1
		}
	}
	rows, col := g.rows[f.begin:f.end], g.m.cols[f.best.feature]
	if len(rows) < few || g.team == 1 {
		s := &g.scratch[0]
		left, right := part(rows, col, &table, s)
		copy(rows[left:], right)
		return f.begin + left
	}
	lefts, rights := make([]int, g.team), make([][]int32, g.team)
	g.team.run(func(member int) {
		from, to := share(len(rows), int(g.team), member)
		lefts[member], rights[member] = part(rows[from:to], col, &table, &g.scratch[member])
	})
	at := lefts[0]
	for member := 1; member < int(g.team); member++ {
		from, _ := share(len(rows), int(g.team), member)
		at += copy(rows[at:], rows[from:from+lefts[member]])
	}
	middle := f.begin + at
	for _, right := range rights {
		at += copy(rows[at:], right)
	}
	return middle
}

// part moves the left rows to the front and returns how many there are, and
// the right ones. It has no branch that depends on the data.
func part(rows []int32, col []uint8, table *[256]uint8, s *scratch) (int, []int32) {
	if len(s.right) < len(rows) {
		s.right = make([]int32, len(rows))
	}
	right := s.right[:len(rows)]
	left := 0
	for i, r := range rows {
		rows[left] = r
		right[i-left] = r
		left += int(table[col[r]])
	}
	return left, right[:len(rows)-left]
}
