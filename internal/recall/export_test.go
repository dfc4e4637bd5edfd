package recall

// WithRuns lets so many claims become a run.
func (o Options) WithRuns(claims int) Options {
	o.recent = claims
	return o
}

// Runs are how many runs of claims there are, when none is merged any more.
func (r *Recall) Runs() int {
	for {
		r.claiming.Lock()
		m, n := r.merging, len(r.runs.list)
		r.claiming.Unlock()
		if m == nil {
			return n
		}
		<-m.ended
	}
}
