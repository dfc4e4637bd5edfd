// Package flow takes what the log holds through the house: it decodes each event, sets aside what cannot be used, drops what
// was here before, asks whose it is, and hands it to the warehouse and to the audiences.
//
// Nouns: batch (some messages of the log, decoded), step (one batch taken through every stage), quarantine (events that cannot
// be used, with the reason and what to do), dead letter (a message on which a stage fails each time), fate (what became of an
// event: accepted, quarantined, duplicate), tail (the newest events, as they come).
//
// Invariants:
//   - Each stage commits its effect together with the log's offset, and skips what its offset covers. A step that is cut
//     anywhere is taken again from the smallest offset, and the stages that had committed change nothing.
//   - An event is stored once, whatever was sent twice: by message id, for as long as data are kept.
//   - No offset is skipped: a message that fails each time is kept whole as a dead letter before the log goes on behind it.
//   - A quarantined event that is mended keeps its time and its message id, so that mending twice stores it once.
//
// Tables owned: flow_quarantine, flow_dead_letter. Writes event, orders and line through the warehouse.
package flow
