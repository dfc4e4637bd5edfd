package flow

import (
	"context"
	"errors"

	"github.com/dangol/dangol/internal/kit/patient"
)

// trailing is a step whose audience follows while the next one is under way: finding out whose the events are and writing them
// costs about as much as moving people between segments, and there are two cores at least.
type trailing struct {
	b     *batch
	ended chan struct{}
	err   error // valid once ended is closed
}

func (s *trailing) follow(finish func() error) {
	defer close(s.ended)
	patient.Do(func() { s.err = finish() })
}

// errBefore says that the step before this one failed at its last stage, and is to be taken again first.
var errBefore = errors.New("the step before failed")

// await waits for the step before to end.
func (f *Flow) await() error {
	if f.trailing == nil {
		return nil
	}
	<-f.trailing.ended
	return f.trailing.err
}

// ended is closed once the step before has ended; nil where there is none.
func (f *Flow) ended() <-chan struct{} {
	if f.trailing == nil {
		return nil
	}
	return f.trailing.ended
}

// look takes the step before again if it failed, alone, until it is through.
func (f *Flow) look(ctx context.Context) {
	f.between.Lock()
	failed := f.await() != nil
	before := f.trailing
	f.trailing = nil
	f.between.Unlock()
	if failed {
		again := *before.b
		again.alone = true
		f.take(ctx, &again)
	}
}
