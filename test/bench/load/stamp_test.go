package load

import (
	"bytes"
	"encoding/json"
	"testing"
)

// TestStampsAreDifferentCalls checks that what is sent is JSON of the size that the figures speak of, with ids of its own each time.
func TestStampsAreDifferentCalls(t *testing.T) {
	t.Parallel()
	s := newStamp(1000, "shop.example", &Options{Key: "key", Customers: 1000, Prefix: "cust_"}, 1)
	seen := map[string]bool{}
	size := 0
	for range 3 {
		_, body, _ := bytes.Cut(s.next(), []byte("\r\n\r\n"))
		var sent struct {
			Batch []struct {
				MessageID, UserID, Type string
				Traits                  struct{ Email string }
			}
		}
		if err := json.Unmarshal(body, &sent); err != nil {
			t.Fatal(err)
		}
		size += len(body)
		for _, e := range sent.Batch {
			if seen[e.MessageID] {
				t.Fatalf("%s comes twice", e.MessageID)
			}
			seen[e.MessageID] = true
			if e.Type == "identify" && e.Traits.Email != "m-"+e.UserID[len("cust_"):]+"@shop.example" {
				t.Errorf("%s is called %s", e.UserID, e.Traits.Email)
			}
		}
	}
	if mean := size / len(seen); len(seen) != 3000 || mean < 540 || mean > 660 {
		t.Errorf("%d events of %d bytes", len(seen), mean)
	}
}
