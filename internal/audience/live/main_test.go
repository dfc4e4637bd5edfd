package live_test

import (
	"flag"
	"os"
	"testing"
)

// usualChecks is how many lives the random test plays where nobody says otherwise (-rapid.checks): each opens a warehouse.
const usualChecks = "25"

func TestMain(m *testing.M) {
	f := flag.Lookup("rapid.checks")
	if err := f.Value.Set(usualChecks); err != nil {
		panic(err)
	}
	flag.Parse() // what is said on the command line counts
	os.Exit(m.Run())
}
