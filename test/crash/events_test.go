package crash

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/warehouse"
)

const (
	senders  = 8
	visitors = 300
)

// server is one life of `dangol serve`.
type server struct {
	cmd *exec.Cmd
	url string
	log *bytes.Buffer
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// serve starts the binary on a data folder and waits for its line that says it is ready.
func serve(t *testing.T, binary, data string) *server {
	t.Helper()
	addr := freePort(t)
	s := &server{cmd: exec.Command(binary, "serve", "--addr", addr, "--data", data), url: "http://" + addr, log: &bytes.Buffer{}}
	s.cmd.Stderr = s.log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.Contains(line, addr) {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		t.Fatalf("the server does not start: %q %v\n%s", line, err, s.log)
	}
	return s
}

func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// stop ends the server as an operator does.
func (s *server) stop(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		t.Fatalf("the server does not end well: %v\n%s", err, s.log)
	}
}

func (s *server) get(t *testing.T, path string, into any) {
	t.Helper()
	r, err := http.Get(s.url + path)
	if err != nil {
		t.Fatalf("%s: %v\n%s", path, err, s.log)
	}
	defer func() { _ = r.Body.Close() }()
	if r.StatusCode != http.StatusOK {
		b, _ := io.ReadAll(r.Body)
		t.Fatalf("%s: %s %s", path, r.Status, b)
	}
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

type counted struct {
	Events      int64            `json:"events"`
	ByName      map[string]int64 `json:"by_name"`
	Quarantined int64            `json:"quarantined"`
	DeadLetters int64            `json:"dead_letters"`
	Lag         int64            `json:"lag"`
}

// settled waits until everything in the log is through.
func (s *server) settled(t *testing.T) (c counted) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for {
		s.get(t, "/v1/events/summary", &c)
		if c.Lag == 0 {
			return c
		}
		if time.Now().After(deadline) {
			t.Fatalf("events do not get through: %+v\n%s", c, s.log)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// sender sends numbered events until the server dies. What was not acknowledged it sends again in the next life, as a client
// does: with the same message ids.
type sender struct {
	number  int
	sent    int
	unsure  [][]string // calls of one request each
	ids     []string   // of everything that was ever handed to the network
	client  *http.Client
	rng     *rand.Rand
	refused string
}

func (s *sender) call() string {
	s.sent++
	id := fmt.Sprintf("c%d-%d", s.number, s.sent)
	s.ids = append(s.ids, id)
	who := s.rng.IntN(visitors)
	switch s.rng.IntN(10) {
	case 0: // a visitor says who she is; several devices may be one user's
		return fmt.Sprintf(`{"type":"identify","messageId":%q,"anonymousId":"a%d","userId":"u%d","traits":{"plan":"p%d"}}`, id, who, who/2, s.rng.IntN(3))
	case 1:
		return fmt.Sprintf(`{"type":"track","event":"Order Completed","messageId":%q,"userId":"u%d","properties":{"order_id":%q,"revenue":%d,"currency":"EUR"}}`, id, who/2, id, 1+s.rng.IntN(90))
	case 2, 3, 4:
		return fmt.Sprintf(`{"type":"track","event":"Numbered","messageId":%q,"anonymousId":"a%d","properties":{"n":%d}}`, id, who, s.sent)
	}
	return fmt.Sprintf(`{"type":"track","event":"Numbered","messageId":%q,"userId":"u%d","properties":{"n":%d}}`, id, who/2, s.sent)
}

// run sends until the server is gone.
func (s *sender) run(ctx context.Context, url string) {
	for ctx.Err() == nil {
		var calls []string
		if n := len(s.unsure); n > 0 {
			calls = s.unsure[n-1]
		} else {
			size := 1
			if s.rng.IntN(4) == 0 {
				size = 1 + s.rng.IntN(40)
			}
			for range size {
				calls = append(calls, s.call())
			}
			s.unsure = append(s.unsure, calls)
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/batch", strings.NewReader(`{"writeKey":"any","batch":[`+strings.Join(calls, ",")+`]}`))
		if err != nil {
			return
		}
		r.Header.Set("Content-Type", "application/json")
		answer, err := s.client.Do(r)
		if err != nil {
			return // not acknowledged: it stays among the unsure
		}
		body, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			s.unsure = s.unsure[:len(s.unsure)-1]
		} else if answer.StatusCode != http.StatusServiceUnavailable && answer.StatusCode != http.StatusTooManyRequests {
			s.refused = answer.Status + " " + string(body)
			return
		}
	}
}

// TestKilledServerLosesNoEventAndDoublesNone kills the server at random moments while events come from several connections,
// and requires that in the end every event is in the warehouse exactly once, that each person's segments are what a
// recomputation from scratch gives, and that no message of the log was skipped.
func TestKilledServerLosesNoEventAndDoublesNone(t *testing.T) {
	binary, data := build(t), filepath.Join(t.TempDir(), "data")
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 11))
	all := make([]*sender, senders)
	for i := range all {
		all[i] = &sender{number: i, client: &http.Client{Timeout: 30 * time.Second}, rng: rand.New(rand.NewPCG(rng.Uint64(), 1))}
	}
	s := serve(t, binary, data)
	segments(t, binary, data)
	total := rounds()
	for round := 1; round <= total; round++ {
		ctx, stop := context.WithCancel(t.Context())
		var sending sync.WaitGroup
		for _, one := range all {
			sending.Go(func() { one.run(ctx, s.url) })
		}
		time.Sleep(time.Duration(50+rng.IntN(1500)) * time.Millisecond)
		s.kill()
		stop()
		sending.Wait()
		for _, one := range all {
			one.client.CloseIdleConnections()
			if one.refused != "" {
				t.Fatalf("round %d: a request was refused: %s", round, one.refused)
			}
		}
		s = serve(t, binary, data)
		c := s.settled(t)
		if c.Quarantined > 0 || c.DeadLetters > 0 {
			t.Fatalf("round %d: %+v", round, c)
		}
		verifySegments(t, binary, data, round)
		if round%5 == 0 || round == total {
			held := traits(t, binary, data)
			s.stop(t)
			checkEvents(t, data, all, round)
			checkTraits(t, data, held)
			s = serve(t, binary, data)
		}
	}
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Second)
	defer stop()
	var sending sync.WaitGroup
	for _, one := range all {
		sending.Go(func() { one.run(ctx, s.url) })
	}
	sending.Wait()
	s.settled(t)
	verifySegments(t, binary, data, total+1)
	s.stop(t)
	checkEvents(t, data, all, total+1)
}

// segments makes some whose members change with the events.
func segments(t *testing.T, binary, data string) {
	t.Helper()
	for id, rule := range map[string]string{
		"busy":    `{"did":"Numbered","times":{">=":5}}`,
		"buyers":  `{"trait":{"take":"sum","of":"Order Completed","property":"revenue"},"op":">=","value":100}`,
		"planned": `{"and":[{"attribute":"plan","op":"=","value":"p1"},{"did_not":"Order Completed"}]}`,
		"odd":     `{"did":"Numbered","where":[{"property":"n","op":">","value":200}]}`,
		"unsold":  `{"did_not":"Order Completed"}`, // holds of who never was somebody, too
		"summed":  `{"trait":{"take":"sum","of":"Numbered","property":"n"},"op":">=","value":1000}`,
	} {
		c := exec.Command(binary, "segment", "create", "-", "--data", data, "--json")
		c.Stdin = strings.NewReader(fmt.Sprintf(`{"id":%q,"name":%q,"rule":%s}`, id, id, rule))
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("segment %s: %v\n%s", id, err, out)
		}
	}
}

// verifySegments lets the server compare who it holds to be in each segment with a recomputation from the warehouse.
func verifySegments(t *testing.T, binary, data string, round int) {
	t.Helper()
	out, err := exec.Command(binary, "segment", "verify", "--data", data, "--json").Output()
	if err != nil {
		t.Fatalf("round %d: segment verify: %v\n%s", round, err, out)
	}
	var v struct {
		Checked   int64 `json:"checked"`
		Differing int64 `json:"differing"`
	}
	if err := json.Unmarshal(out, &v); err != nil || v.Checked == 0 || v.Differing != 0 {
		t.Fatalf("round %d: memberships differ from a recomputation: %s %v", round, out, err)
	}
}

// figures are what the server says of somebody.
type figures struct{ count, sum float64 }

// traits asks for the figures of some people.
func traits(t *testing.T, binary, data string) map[string]figures {
	t.Helper()
	value := func(segment, customer string) float64 {
		out, err := exec.Command(binary, "segment", "why", segment, customer, "--data", data, "--json").Output()
		var why struct {
			Conditions []struct{ Value *float64 }
		}
		if err == nil {
			err = json.Unmarshal(out, &why)
		}
		if err != nil || len(why.Conditions) != 1 {
			t.Fatalf("why %s %s: %v %s", segment, customer, err, out)
		}
		if why.Conditions[0].Value == nil {
			return 0
		}
		return *why.Conditions[0].Value
	}
	found := map[string]figures{}
	for n := range 5 {
		who := fmt.Sprintf("u%d", n)
		found[who] = figures{value("busy", who), value("summed", who)}
	}
	return found
}

// checkTraits computes the same figures from the events in the warehouse.
func checkTraits(t *testing.T, data string, found map[string]figures) {
	t.Helper()
	w, err := warehouse.Open(t.Context(), filepath.Join(data, "warehouse.duckdb"), warehouse.Options{MemoryMB: 512})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	rows, err := w.Ask(t.Context(), `SELECT c.id, count(*)::DOUBLE, sum((e.props->>'$.n')::DOUBLE) FROM event e JOIN event_name n ON n.key = e.name_key AND n.name = 'Numbered' JOIN customer c ON c.key = e.customer_key GROUP BY c.id`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id string
		var want figures
		if err := rows.Scan(&id, &want.count, &want.sum); err != nil {
			t.Fatal(err)
		}
		if got, asked := found[id]; asked && got != want {
			t.Errorf("the figures of %s are %+v, computed from her events %+v", id, got, want)
		}
		delete(found, id)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for id, got := range found {
		if got != (figures{}) {
			t.Errorf("the figures of %s are %+v, but she has no events", id, got)
		}
	}
}

// checkEvents reads the warehouse itself: what was acknowledged is there once, what was not at most once.
func checkEvents(t *testing.T, data string, all []*sender, round int) {
	t.Helper()
	w, err := warehouse.Open(t.Context(), filepath.Join(data, "warehouse.duckdb"), warehouse.Options{MemoryMB: 512})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	rows, err := w.Ask(t.Context(), `SELECT message_id, count(*) FROM event GROUP BY message_id`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	stored := map[string]int{}
	for rows.Next() {
		var id string
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			t.Fatal(err)
		}
		stored[id] = n
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	acknowledged, missing, doubled := 0, 0, 0
	for _, s := range all {
		open := map[string]bool{}
		for _, calls := range s.unsure {
			for _, c := range calls {
				_, after, _ := strings.Cut(c, `"messageId":"`)
				id, _, _ := strings.Cut(after, `"`)
				open[id] = true
			}
		}
		for _, id := range s.ids {
			if stored[id] > 1 {
				doubled++
			}
			if !open[id] {
				acknowledged++
				if stored[id] == 0 {
					missing++
				}
			}
		}
	}
	t.Logf("round %d: %d events acknowledged, %d stored", round, acknowledged, len(stored))
	if missing > 0 || doubled > 0 {
		t.Fatalf("round %d: of %d acknowledged events %d are missing and %d are stored twice", round, acknowledged, missing, doubled)
	}
}
