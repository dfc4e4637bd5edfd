package event

// Body is the body of a request taken apart. It shares the body's memory, but for the texts.
type Body struct {
	WriteKey string
	SentAt   string
	Shared   []byte // the context of a batch, an object; nil where it has none
	Events   [][]byte
	HasBatch bool // "batch" was given, and is a list
}

// ReadBody checks that text is one JSON object and finds in it what concerns the request: of a batch its events, of a
// single call the call itself. It looks into no event. The error is a *SyntaxError.
func ReadBody(text []byte, single bool, into *Body) error {
	*into = Body{Events: into.Events[:0]}
	i := skipSpace(text, 0)
	if i >= len(text) || text[i] != '{' {
		return &SyntaxError{i, "a request is a JSON object"}
	}
	start := i
	w := open(text, i, maxSyntaxDepth)
	for {
		name, ok := w.field()
		if !ok {
			break
		}
		if string(name) == "batch" && !single && w.at() == '[' {
			into.HasBatch = true
			into.Events = into.Events[:0]
			if !into.readBatch(&w) {
				break
			}
			continue
		}
		raw, ok := w.skip()
		if !ok {
			break
		}
		switch string(name) {
		case "writeKey":
			into.WriteKey, _, _ = scalar(raw)
		case "sentAt":
			into.SentAt, _, _ = scalar(raw)
		case "context":
			if raw[0] == '{' {
				into.Shared = raw
			}
		}
	}
	end := w.i
	if w.problem == "" {
		if w.i = skipSpace(text, w.i); w.i < len(text) {
			w.problem = badTrailing
		}
	}
	if w.problem != "" {
		return &SyntaxError{w.i, w.problem}
	}
	if single {
		into.Shared, into.SentAt = nil, "" // they are in the call
		into.Events = append(into.Events, text[start:end])
	}
	return nil
}

func (b *Body) readBatch(w *walk) bool {
	in := w.down()
	for in.next(']') {
		raw, ok := in.skip()
		if !ok {
			break
		}
		b.Events = append(b.Events, raw)
	}
	return w.up(&in)
}
