package profile

// Joined is what app gives the room.
type Joined struct{}
