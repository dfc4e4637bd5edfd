// Package bus is the one durable log: everything that happens enters it once, is on disk before it is acknowledged, and
// is read by every room in the same order.
//
// It is NATS JetStream inside this process (no socket, file store, fsync on every message) with one stream. A message
// is what its publisher made of it, up to MaxMessage bytes; the front door puts many events into one (event.AppendGroup).
//
// Invariants. A sequence number is given once, in the order of the log, and never used again, also after the tail of a
// file was lost: Options.Floor tells how far consumers had come, and the log goes on behind it. A reader sees a message
// only when it is on disk. When the log has reached Options.MaxBytes, new messages are refused and old ones kept.
package bus
