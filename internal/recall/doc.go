// Package recall finds at once what the log has said before: whether a message has been seen, what a person has done that some
// rule looks at, and who is in which segment. Everything in it is derived and can be made anew from the warehouse.
//
// Nouns. A claim is the first place at which a message id stood. A strand is one kind of fact that rules read (an event's name
// with some of its properties); a record is what one person did, on every strand. A membership is a segment's bitmap with the
// time since when each member is in. The outbox holds what is still to be told.
//
// What lies where. Claims, memberships, the outbox and the offsets are in Pebble. The records are in an append-only log beside
// it (folder people): a person's facts form a chain of chunks, and since customers' keys are dense, an array in memory finds
// the last chunk of each. A read is one or two preads, where a tree of sorted runs needs a walk through each of its levels.
//
// Invariants:
//   - A Commit is one synced batch of Pebble that holds the offsets, all changes and the end of the log of records: whatever
//     lies behind that end has not happened. A crash at any instant leaves the state of some commit, whole.
//   - Claims are exact and for ever: the filter in memory only says where to look. They are written without a sync of their own;
//     the next Commit syncs them, and who follows the log reads again from the offset of the last commit.
//   - Nothing here is the only copy of anything. A folder that cannot be read is a fault (recall.corrupt), to be discarded.
//   - Memory is bounded: 12 bits a message id, 8 bytes a customer, the bitmaps, and Pebble's cache.
package recall
