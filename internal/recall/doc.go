// Package recall finds at once what the log has said before: whether a message has been seen, what a person has done that some
// rule looks at, and who is in which segment. Everything in it is derived and can be made anew from the warehouse.
//
// Nouns. A claim is the first place at which a message id stood. A strand is one kind of fact that rules read (an event's name
// with some of its properties); a record is what one person did, on every strand. A membership is a segment's bitmap with the
// time since when each member is in. The outbox holds what is still to be told.
//
// What lies where. Memberships, the outbox and the offsets are in Pebble. The records are in an append-only log beside
// it (folder people): a person's facts form a chain of chunks, and since customers' keys are dense, an array in memory finds
// the last chunk of each. The first chunk has the facts of each strand together, and a list of the strands before them; those behind
// it are each some times smaller than the one before, so that a fact is written a few times only however long its record becomes. The
// smallest stay in memory for those who did something lately, with which strands the others have: a rule that asks for a strand
// that is not there reads nothing.
//
// Claims are sorted runs of records of 24 bytes (folder claims). Their keys are random, they come for ever and are hardly ever read,
// so that an engine for everything spends most of its work on writing them anew. What comes goes as it is into one value of Pebble a
// batch and into a table in memory; of 360,000 a run is made, and of eight runs of about one length one, beside. A claim is looked for
// where the filter says that it may be: in the table, then in each run by one read of a page.
//
// Invariants:
//   - A Commit is one synced batch of Pebble that holds the offsets, all changes and the end of the log of records: whatever
//     lies behind that end has not happened. A crash at any instant leaves the state of some commit, whole.
//   - Claims are exact and for ever: the filter in memory only says whether to look. They are written without a sync of their own;
//     the next Commit syncs them, and who follows the log reads again from the offset of the last commit.
//   - A run never changes, and is on the disk before a batch names it. The batch that names one of new claims drops their values in
//     Pebble; what a crash takes of that comes back whole. The files of runs that were merged go after a synced batch alone, and before
//     that the records are synced, which the engine's tables name. A file that no batch names is removed at the next start.
//   - Nothing here is the only copy of anything. A folder that cannot be read is a fault (recall.corrupt), to be discarded.
//   - Memory is bounded: 12 bits a message id and 8 bytes for 170 of them, 13 MB for the recent ones (27 where the disk is full), 8 bytes
//     a customer, 32 MB of chains' ends, the bitmaps, and Pebble's cache.
package recall
