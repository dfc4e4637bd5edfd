package event

import "encoding/json"

// contextParts is what matters of an event's context.
type contextParts struct {
	raw                        []byte // the whole
	traits                     bool   // stand in it
	list                       []byte // external ids
	device, advertising, token []byte
	ip, userAgent              bool // whether they were given
	direct                     bool
}

// read takes the context apart.
func (p *contextParts) read(w *walk, c *call) (ok bool) {
	*p = contextParts{}
	if w.at() != '{' {
		_, ok = w.skip() // an empty list is what some languages make of an empty object
		return ok
	}
	start := w.i
	in := w.down()
	for {
		name, more := in.field()
		if !more {
			break
		}
		if string(name) == "traits" {
			p.traits = true
			if !readTraits(&in, &c.contextEmail, &c.contextPhone) {
				break
			}
			continue
		}
		if !p.take(string(name), &in) {
			break
		}
	}
	ok = w.up(&in)
	p.raw = w.b[start:w.i]
	return ok
}

func (p *contextParts) take(name string, in *walk) bool {
	switch name {
	case "externalIds":
		raw, ok := in.skip()
		p.list = raw
		return ok
	case "device":
		return p.readDevice(in)
	}
	raw, ok := in.skip()
	switch name {
	case "ip":
		p.ip = len(raw) > 2
	case "userAgent":
		p.userAgent = len(raw) > 2
	case "direct":
		p.direct = string(raw) == "true"
	}
	return ok
}

func (p *contextParts) readDevice(w *walk) (ok bool) {
	if w.at() != '{' {
		_, ok = w.skip()
		return ok
	}
	in := w.down()
	for {
		name, more := in.field()
		if !more {
			return w.up(&in)
		}
		raw, whole := in.skip()
		if !whole {
			return w.up(&in)
		}
		switch string(name) {
		case "id":
			p.device = raw
		case "advertisingId":
			p.advertising = raw
		case "token":
			p.token = raw
		}
	}
}

// identify adds the external ids and the device's. What cannot be read of them is left out: the event is good without.
func (p *contextParts) identify(f *Fact, h *Header) {
	if len(p.list) > 0 && p.list[0] == '[' {
		for w := open(p.list, 0, maxDepth); w.next(']'); {
			if w.at() != '{' {
				if _, ok := w.skip(); !ok {
					return
				}
				continue
			}
			in := w.down()
			var kind, id []byte
			for name, more := in.field(); more; name, more = in.field() {
				raw, whole := in.skip()
				if !whole {
					return
				}
				switch string(name) {
				case "type":
					kind = raw
				case "id":
					id = raw
				}
			}
			if !w.up(&in) {
				return
			}
			f.addExternal(kind, id, h.Source == OwnSource)
		}
	}
	for _, one := range []struct {
		kind string
		raw  []byte
	}{{KindDevice, p.device}, {KindDevice, p.advertising}, {KindPush, p.token}} {
		if one.raw == nil {
			continue
		}
		if value, t := text("device", one.raw, maxIdentity); t == nil && value != zeroAdvertisingID {
			f.add(one.kind, value)
		}
	}
}

// zeroAdvertisingID is what a phone tells whose owner does not want to be followed: the same for all of them.
const zeroAdvertisingID = "00000000-0000-0000-0000-000000000000"

func (f *Fact) addExternal(kind, id []byte, own bool) {
	written, _, ok := scalar(kind)
	if !ok {
		return
	}
	name, ok := externalKind(written, own)
	if !ok {
		return
	}
	if value, t := text("externalIds", id, maxIdentity); t == nil {
		f.add(name, value)
	}
}

// build gives the context without traits, with what the batch shares and what the server knows.
func (p *contextParts) build(h *Header) []byte {
	raw := p.raw
	if raw == nil {
		raw = empty
	} else {
		raw = mend(raw)
	}
	if p.traits {
		raw = without(raw, "traits")
	}
	if len(h.Shared) > 0 {
		raw = merge(h.Shared, raw)
	}
	if direct := h.Direct || p.direct; direct && h.IP != "" && !p.ip {
		raw = with(raw, "ip", quote(h.IP))
	}
	if h.Direct && h.UserAgent != "" && !p.userAgent {
		raw = with(raw, "userAgent", quote(h.UserAgent))
	}
	return raw
}

// without copies the fields of an object except one.
func without(object []byte, name string) []byte {
	out := make([]byte, 0, len(object))
	out = append(out, '{')
	for w := open(object, 0, maxDepth); ; {
		have, ok := w.field()
		if !ok {
			break
		}
		raw, ok := w.skip()
		if !ok {
			break
		}
		if string(have) != name {
			out = appendField(out, have, raw)
		}
	}
	return append(out, '}')
}

// appendField adds a field to an object that is being written.
func appendField(out, name, raw []byte) []byte {
	if len(out) > 1 {
		out = append(out, ',')
	}
	out = append(out, '"')
	out = append(out, name...)
	out = append(out, '"', ':')
	return append(out, raw...)
}

// with adds a field to an object that has none of that name.
func with(object []byte, name string, raw []byte) []byte {
	out := make([]byte, 0, len(object)+len(name)+len(raw)+4)
	out = append(out, '{')
	for w := open(object, 0, maxDepth); ; {
		have, ok := w.field()
		if !ok {
			break
		}
		value, ok := w.skip()
		if !ok || string(have) == name {
			return object
		}
		out = appendField(out, have, value)
	}
	return append(appendField(out, []byte(name), raw), '}')
}

// merge adds to an object the fields of another that it lacks.
func merge(shared, own []byte) []byte {
	if shared[0] != '{' {
		return own
	}
	for w := open(shared, 0, maxDepth); ; {
		name, ok := w.field()
		if !ok {
			return own
		}
		raw, ok := w.skip()
		if !ok {
			return own
		}
		if string(name) != "traits" {
			own = with(own, string(name), mend(raw))
		}
	}
}

// quote writes a text as JSON.
func quote(s string) []byte {
	b, err := json.Marshal(s)
	if err != nil { // of a text there is none
		return []byte(`""`)
	}
	return b
}
