// Package graph holds in memory who is who: each identity with the origin it was first given to, and the person that each
// origin belongs to today. It decides whose a fact is. It is pure: the registry writes down what it changes.
//
// Nouns. An origin is the number under which an identity enters, and never changes. A person is a set of origins, known by
// the number of one of them. A link joins two origins; merging makes one, undoing a merge takes it away. A shared identity
// is one that was met with two people: it speaks for the people it names only where nothing better is said.
//
// The rule, in exact words. Of a fact's identities, those that are blocked, malformed or of an unknown kind count for nothing;
// the others are taken by priority of their kind, then in their order.
//
//  1. The strongest identity that is not shared decides: the fact's origin is its origin. Where all are shared, the strongest
//     of them decides. Where there is none, the fact is nobody's.
//  2. A deciding identity never met before becomes an origin of its own. It is linked to the person of the strongest
//     other identity of the fact (an alias's previous identity first) that is known, not shared, and whose person has
//     room for one more of its kind; one whose person has no room becomes shared. So she who logs in for the first time
//     brings her browsing with her, and a second user id on one device begins a person of its own.
//  3. Each other identity, in the order above, unless it is shared: never met before, it is given the deciding identity's
//     origin, if there is room for one more of its kind, and else left out; known and of another person, the two
//     people are merged, if together they keep the limits of all kinds that name a person (all but push, device and
//     anonymous), and else it becomes shared. So two people with a user id each are never merged by a device, an
//     address or a number they have in common.
//  4. An alias's previous identity is treated likewise, last; but where both are user ids the limit of user ids
//     does not hold, for an alias says in so many words that a person's id has changed. A previous identity that is no known
//     user id is taken for an anonymous one.
//  5. Of two people that merge, the one with a user id keeps the number; of two with or two without, the smaller number.
//
// An identity of an erased person, in a fact that was received before the erasure, makes a fact that it decides nobody's, and
// joins nobody.
//
// Every identity keeps the place in the log at which it was first met and became shared, and rules have the place from
// which they hold. A fact that is looked up again therefore has the origin it was given the first time.
package graph
