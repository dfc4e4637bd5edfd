package flow

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/dangol/dangol/internal/kit/fault"
)

// trouble is what keeps the flow from going on.
type trouble struct {
	since time.Time
	err   error
}

// passing reports an error that waiting mends: an engine that is away, a disk that is full. No message is to blame for it.
func passing(err error) bool {
	var f *fault.Fault
	if errors.As(err, &f) && (f.Code == fault.Unavailable || f.Code == fault.RateLimited) {
		return true
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EIO) || errors.Is(err, syscall.EROFS) {
		return true
	}
	// The engines tell of the disk in words only.
	text := strings.ToLower(err.Error())
	for _, words := range []string{"no space left", "disk is full", "disk i/o error", "disk quota", "could not write file", "could not fsync", "database has been invalidated"} {
		if strings.Contains(text, words) {
			return true
		}
	}
	return strained(err)
}

// strained reports that an engine had too little memory for a step: no message is to blame, but a smaller step may go through.
func strained(err error) bool {
	text := strings.ToLower(err.Error())
	return strings.Contains(text, "out of memory") || strings.Contains(text, "failed to allocate")
}

// patience is how often a message is tried alone before it is a dead letter. Where the message before was one too, an engine is
// more likely to blame than every message, and a log made of dead letters would be a bad answer to that.
func (f *Flow) patience() int {
	if f.buried {
		return triesAgain
	}
	return triesAlone
}

func (f *Flow) tell(ctx context.Context, err error, tries int) {
	if ctx.Err() != nil {
		return // a stop in the middle of a step is no trouble: it is done again when the program starts
	}
	if t := f.state.Load(); t == nil {
		f.state.Store(&trouble{f.Clock(), err})
	} else {
		f.state.Store(&trouble{t.since, err})
	}
	f.say(ctx, "a step failed", err, tries)
}

func (f *Flow) say(ctx context.Context, why string, err error, tries int) {
	if tries == 1 || tries%20 == 0 {
		f.Log.ErrorContext(ctx, "events wait, and are tried again", "why", why, "tries", tries, "error", err.Error(), "cause", fmt.Sprint(errors.Unwrap(err)))
	}
}

// ready waits until there is room for a step. While there is none, nothing is written that could fill the disk altogether.
func (f *Flow) ready(ctx context.Context) {
	if f.Room == nil {
		return
	}
	for tries := 1; ctx.Err() == nil; tries++ {
		err := f.Room()
		if err == nil {
			return
		}
		f.tell(ctx, err, tries)
		pause(ctx, longestPause/5)
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
