package rest

import "context"

// Failure holds why an operation failed, for the one line that is logged about its request.
type Failure struct{ err error }

// Err is what the operation returned; nil when it succeeded.
func (f *Failure) Err() error { return f.err }

type failureKey struct{}

// WithFailure returns a context whose operation leaves its error in the Failure.
func WithFailure(ctx context.Context) (context.Context, *Failure) {
	f := &Failure{}
	return context.WithValue(ctx, failureKey{}, f), f
}

func note(ctx context.Context, err error) {
	if f, ok := ctx.Value(failureKey{}).(*Failure); ok {
		f.err = err
	}
}
