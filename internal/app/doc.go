// Package app puts the house together: configuration, the engines, the rooms and the HTTP server.
//
// Nouns. An App is the open house: one process at a time opens a data folder, held by a lock on DIR/dangol.lock.
// A Client speaks to a house wherever it is: at a server's address, over the socket DIR/dangol.sock of a server on
// this machine, or opened inside this process. All three run the same handler, so every answer is the same.
//
// Invariants. The TCP port without an API key is open only on loopback, only while no key exists, only to requests
// that name a loopback host, come through no proxy and, where they change anything, from no other site. On any other
// address serving does not start without a key. The socket is for the folder's owner alone.
package app
