// Package ref answers the questions of package query over rows in memory, in the plainest way: it
// is the oracle against which every engine's SQL is tested, so it shares no step with the planner.
// It looks at each customer's rows again for each trait, and is slow on purpose.
package ref
