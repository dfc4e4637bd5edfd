package app

import (
	"testing"

	"github.com/dangol/dangol/internal/store/storetest"
)

// TestQueries prepares every named query of every room on SQLite and on a real PostgreSQL.
func TestQueries(t *testing.T) { storetest.Prepare(t, Schemas()...) }
