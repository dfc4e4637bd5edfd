package profile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/profile/consent"
	"github.com/dangol/dangol/internal/store"
)

// Suppression is an address that is not written to, whatever its owner consented to.
type Suppression struct {
	Channel string    `json:"channel" enum:"email,sms,push,line,kakao,phone"`
	Address string    `json:"address" doc:"of an erased person: sha256: and a hash, so that she stays unwritten to without being known"`
	Reason  string    `json:"reason" doc:"e.g. bounced, complained, asked"`
	At      time.Time `json:"at"`
	Who     string    `json:"who"`
}

// addressKind is the kind of identity that a channel writes to.
var addressKind = map[string]string{
	"email": event.KindEmail, "sms": event.KindPhone, "phone": event.KindPhone, "push": event.KindPush, "line": event.KindLine, "kakao": event.KindKakao,
}

// channelsOf lists the channels by which an identity of the kind is written to.
func channelsOf(kind string) []string {
	var list []string
	for _, c := range consent.Channels {
		if addressKind[c] == kind {
			list = append(list, c)
		}
	}
	return list
}

const hashedAddress = "sha256:"

// hashAddress is what is kept of the address of an erased person. The seed of the records keeps others from trying addresses.
func (r *Registry) hashAddress(channel, address string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\x00%s\x00%s", r.counters[counterSeed], channel, address))
	return hashedAddress + hex.EncodeToString(sum[:])
}

// address writes an address in its one spelling.
func (r *Registry) address(ctx context.Context, channel, address string) (string, error) {
	kind, known := addressKind[channel]
	if !known {
		return "", fault.New(fault.Invalid, "profile.unknown_channel", "there is no such channel").At(fault.Place{Field: "channel", Value: channel}).
			Then("Use one of email, sms, push, line, kakao, phone.")
	}
	if strings.HasPrefix(address, hashedAddress) {
		return address, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return "", err
	}
	normal, ok := r.graph.Normal(kind, address, "")
	if !ok {
		return "", fault.Newf(fault.Invalid, "profile.bad_address", "this is no %s address", channel).At(fault.Place{Field: "address", Value: address}).
			Then("Write it whole, a phone number with its country, e.g. +821012345678.")
	}
	return normal, nil
}

// Suppress puts an address on the list of those never written to.
func (r *Registry) Suppress(ctx context.Context, s Suppression, who string) (Suppression, error) {
	address, err := r.address(ctx, s.Channel, s.Address)
	if err != nil {
		return s, err
	}
	s.Address, s.Reason, s.At, s.Who = address, cleanText(s.Reason), r.clock().UTC(), who
	err = r.store.In(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "profile.PutSuppression", s.Channel, s.Address, s.Reason, s.At.UnixMicro(), s.Who)
		return err
	})
	return s, wrap("suppress an address", err)
}

// Unsuppress takes an address off the list.
func (r *Registry) Unsuppress(ctx context.Context, channel, address string) error {
	address, err := r.address(ctx, channel, address)
	if err != nil {
		return err
	}
	var n int64
	err = r.store.In(ctx, func(tx *store.Tx) error {
		n = 0
		for _, a := range []string{address, r.hashAddress(channel, address)} {
			gone, err := tx.Exec(ctx, "profile.DeleteSuppression", channel, a)
			if err != nil {
				return err
			}
			n += gone
		}
		return nil
	})
	if err == nil && n == 0 {
		return fault.New(fault.NotFound, "profile.not_suppressed", "the address is not on the list").At(fault.Place{Field: "address", Value: address}).
			Then("See GET /v1/suppressions.")
	}
	return wrap("unsuppress an address", err)
}

// Suppressions lists the addresses never written to, newest first; channel "" is all.
func (r *Registry) Suppressions(ctx context.Context, channel string, limit int) ([]Suppression, error) {
	list := []Suppression{}
	err := r.store.View(ctx, func(tx *store.Tx) error {
		return tx.Each(ctx, "profile.EachSuppression", store.Args{channel, limit}, func(scan store.Scan) error {
			var s Suppression
			var at int64
			err := scan(&s.Channel, &s.Address, &s.Reason, &at, &s.Who)
			s.At = time.UnixMicro(at).UTC()
			list = append(list, s)
			return err
		})
	})
	return list, wrap("suppressions", err)
}

// suppressed lists which addresses of a person are never written to.
func (r *Registry) suppressed(ctx context.Context, tx *store.Tx, identities []Identity) ([]Suppression, error) {
	list := []Suppression{}
	for _, i := range identities {
		for _, channel := range channelsOf(i.Kind) {
			for _, address := range []string{i.Value, r.hashAddress(channel, i.Value)} {
				s := Suppression{Channel: channel, Address: i.Value}
				var at int64
				found, err := tx.One(ctx, "profile.FindSuppression", store.Args{channel, address}, &s.Reason, &at, &s.Who)
				if err != nil {
					return nil, err
				}
				s.At = time.UnixMicro(at).UTC()
				if found && !slices.ContainsFunc(list, func(t Suppression) bool { return t.Channel == channel && t.Address == i.Value }) {
					list = append(list, s)
				}
			}
		}
	}
	return list, nil
}
