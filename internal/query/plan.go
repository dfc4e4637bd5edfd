package query

import "strings"

// Plan is a checked question as an ordered list of steps; each reads tables or earlier steps, and
// the last one is the answer.
type Plan struct {
	args    []any // of conditions met while planning, the first of the rendered ones
	Steps   []Step
	Columns []Column
}

// Step is one step of a plan.
type Step struct {
	Name  string   // the name of its result
	Why   string   // what it does, in one English sentence
	Reads []string // tables and earlier steps
	body  func(*writer) string
}

// String explains the plan, one step a line.
func (p *Plan) String() string {
	var b strings.Builder
	for _, s := range p.Steps {
		b.WriteString(s.Name + " <- " + strings.Join(s.Reads, ", ") + ": " + s.Why + "\n")
	}
	return b.String()
}

func (p *Plan) add(name, why string, reads []string, body func(*writer) string) {
	p.Steps = append(p.Steps, Step{Name: name, Why: why, Reads: reads, body: body})
}

// answer is the name of the last step of every plan.
const answer = "answer"

// from lists what a step reads.
func from(reads ...string) []string { return reads }
