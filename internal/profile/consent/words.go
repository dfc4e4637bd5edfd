// Package consent knows the words in which consent is given: the channels and purposes that are known, those that people were asked
// about, and which one a misspelled word was perhaps meant to be.
package consent

import (
	"maps"
	"slices"
	"strings"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/spelling"
)

// All stands for each of Channels.
const All = "all"

// Channels are those that "all" stands for.
var Channels = []string{"email", "sms", "push", "line", "kakao", "phone"}

// What is known without anybody having been asked. A shop may have words of its own beside these.
var (
	channels = append(slices.Clone(Channels), "post")
	purposes = []string{"marketing", "service"}
)

// Named tells whether a channel is known to all.
func Named(channel string) bool { return slices.Contains(channels, channel) }

// Asked is what anybody gave consent to.
type Asked struct{ channels, purposes map[string]bool }

// NewAsked is when nobody was asked yet.
func NewAsked() *Asked { return &Asked{map[string]bool{}, map[string]bool{}} }

// Gave remembers a consent.
func (a *Asked) Gave(purpose, channel string) { a.purposes[purpose], a.channels[channel] = true, true }

// Familiar tells whether an act can be kept on a channel. A word of one's own is known from the first consent given on it. It is
// not given on one that is a known word misspelled, and not withdrawn on one that nobody was asked about: she would stay written to.
func (a *Asked) Familiar(channel string, given bool) bool {
	return Named(channel) || channel == All || a.channels[channel] || given && likely(channel, channels, 1) == ""
}

// Reach are the channels that an act is about. Who takes back all takes back what she was asked on any other channel, too.
func (a *Asked) Reach(channel string, given bool) []string {
	if channel != All {
		return []string{channel}
	}
	reach := slices.Clone(Channels)
	for _, other := range slices.Sorted(maps.Keys(a.channels)) {
		if !given && !slices.Contains(reach, other) {
			reach = append(reach, other)
		}
	}
	return reach
}

// Unfamiliar says which channels there are, and which was perhaps meant.
func Unfamiliar(channel string) error {
	next := "Use one of " + strings.Join(channels, ", ") + ", or all. A word of your own is known once consent is given on it."
	if near := likely(channel, append(slices.Clone(channels), All), 2); near != "" {
		next = "Did you mean " + near + "? " + next
	}
	return fault.New(fault.Invalid, "profile.unknown_channel", "there is no such channel, and nobody was ever asked about one").
		At(fault.Place{Field: "channel", Value: channel}).Then(next)
}

// Hint says what a purpose that nobody was asked for was perhaps meant to be. Purposes are free words, so it is kept all the same.
func (a *Asked) Hint(purpose string) string {
	near := likely(purpose, purposes, 2)
	if near == "" || near == purpose || a.purposes[purpose] {
		return ""
	}
	return "Nobody was asked for the purpose " + purpose + " before. Did you mean " + near + "? If so, say it again for " + near + "."
}

// leastLikely is how long words are whose misspellings can be told: sms and mms are two words.
const leastLikely = 4

// likely finds the known word that a word was perhaps meant to be: one that it begins with, or that is at most so many slips away.
func likely(word string, known []string, slips int) string {
	best, found := slips+1, ""
	for _, k := range known {
		if min(len(word), len(k)) < leastLikely && slips < 2 {
			continue
		}
		n := spelling.Slips(word, k)
		if slips > 1 && len(k) >= leastLikely && strings.HasPrefix(word, k) {
			n = min(n, slips)
		}
		if n < best && n < len(k) {
			best, found = n, k
		}
	}
	return found
}
