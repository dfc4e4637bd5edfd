package graph

import "github.com/dangol/dangol/internal/profile/identity"

// Fresh is an identity that was met for the first time, or taken over from an import.
type Fresh struct {
	Number, Origin uint32
	Kind           identity.Kind
	Value          string
	Fact           int // index of the fact that brought it, -1 for none
}

// Link joins two origins.
type Link struct {
	A, B       uint32 // origins; A is of the person taken in, or was known before B
	From, Into uint32 // people; the same where A was new
	Via        uint32 // the identity that the two sides had in common, Nobody for none
	Fact       int    // index of the fact that made it, -1 for none
	Alias      bool
}

// Mark says that an identity is shared from a place on.
type Mark struct {
	Number uint32
	From   uint64
}

// Changes are what must be written of what was done since Reset.
type Changes struct {
	Fresh   []Fresh
	Links   []Link
	Marks   []Mark
	Moved   []uint32 // origins that belong to another person now
	Gone    []uint32 // people who are no more
	Adopted []uint32 // origins that are an import's no more
	// Shown are the people whose row of the warehouse may have changed.
	Shown map[uint32]struct{}
	// Blocks of identities and of people that must be written; SeenBlocks may be, at leisure.
	Blocks, PersonBlocks, SeenBlocks map[uint32]struct{}
}

// Reset forgets what was done; what was only seen stays to be written.
func (g *Graph) Reset() {
	c := &g.Changes
	seen := c.SeenBlocks
	if seen == nil {
		seen = map[uint32]struct{}{}
	}
	*c = Changes{
		Fresh: c.Fresh[:0], Links: c.Links[:0], Marks: c.Marks[:0], Moved: c.Moved[:0], Gone: c.Gone[:0], Adopted: c.Adopted[:0],
		Shown: emptied(c.Shown), Blocks: emptied(c.Blocks), PersonBlocks: emptied(c.PersonBlocks), SeenBlocks: seen,
	}
}

func emptied(m map[uint32]struct{}) map[uint32]struct{} {
	if m == nil {
		return map[uint32]struct{}{}
	}
	clear(m)
	return m
}

// Empty reports whether nothing must be written.
func (c *Changes) Empty() bool {
	return len(c.Fresh) == 0 && len(c.Links) == 0 && len(c.Marks) == 0 && len(c.Moved) == 0 && len(c.Gone) == 0 && len(c.Blocks) == 0 && len(c.PersonBlocks) == 0
}
