package profile

import "context"

// Key is Find for those who ask thousands of times a second: from memory alone, without the id by which the person is shown, and
// without a fault for somebody unknown.
func (r *Registry) Key(ctx context.Context, ref string) (key uint32, known bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return 0, false, err
	}
	o, found := r.lookUp(ref)
	if !found {
		return 0, false, nil
	}
	return r.graph.Person(o), true, nil
}
