package answers

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

func TestOneComputationForAll(t *testing.T) {
	t.Parallel()
	m := New(2)
	var computed atomic.Int32
	release := make(chan struct{})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			v, err := Of(context.Background(), m, "q@1", func(context.Context) (int, error) {
				<-release
				computed.Add(1)
				return 42, nil
			})
			if v != 42 || err != nil {
				t.Errorf("answer %d, %v", v, err)
			}
		})
	}
	close(release)
	all.Wait()
	if _, err := Of(context.Background(), m, "q@1", func(context.Context) (int, error) { return 0, errors.New("asked again") }); err != nil {
		t.Error(err)
	}
	if v, _ := Of(context.Background(), m, "q@2", func(context.Context) (int, error) { return 43, nil }); v != 43 {
		t.Errorf("another version answered %d", v)
	}
}

func TestFailuresAreNotRememberedAndLeaversDoNotStopTheWork(t *testing.T) {
	t.Parallel()
	m := New(2)
	if _, err := Of(context.Background(), m, "q", func(context.Context) (int, error) { return 0, errors.New("no") }); err == nil {
		t.Error("the failure was lost")
	}
	ctx, leave := context.WithCancel(context.Background())
	started, release := make(chan struct{}), make(chan struct{})
	left := make(chan error)
	go func() {
		_, err := Of(ctx, m, "q", func(c context.Context) (int, error) {
			close(started)
			<-release
			return 7, c.Err()
		})
		left <- err
	}()
	<-started
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("the leaver got %v", err)
	}
	close(release)
	if v, err := Of(context.Background(), m, "q", func(context.Context) (int, error) { return 7, nil }); v != 7 || err != nil {
		t.Errorf("answer %d, %v", v, err)
	}
}
