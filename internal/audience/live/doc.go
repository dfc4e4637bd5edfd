// Package live moves people between segments as events come in, as time passes and as rules change.
//
// Nouns. A segment is a rule, or a list by hand, with the bitmap of its members in recall. The roster is the set of rules that
// are evaluated together, with what they need. A strand is what recall keeps of the facts of one need. A still is one instant
// at which recall and a reading of the warehouse agree to the last fact.
//
// How a membership stays right. At every instant t up to which everything was swept, each bitmap is what its rule says as of t:
//   - Follow evaluates the people of a batch, on the rules whose needs the batch touches, by package rule/ref over their strands.
//   - Sweep evaluates those whom time alone may move: an edge of a rule says that a fact at s may change it at s+offset, so the
//     people with a fact at the right distance are the only ones to look at. Local midnights and new analyses are answered by the
//     warehouse for everybody.
//   - A new or changed rule first gets its strands, which the log feeds from the first instant while the warehouse's past is
//     read in behind it; a fact that comes both ways is there once. Then it is evaluated by the warehouse at a still, and
//     whoever was touched since is evaluated again.
//   - Now and then everything is evaluated by the warehouse at a still and compared; what differs is mended and counted.
//
// Every commit of recall holds the memberships, what is to be told of them, and the offsets: a crash repeats nothing.
package live
