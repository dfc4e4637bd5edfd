// Package internal_test keeps the house as its design says: who may import whom, how large things may grow, and what
// may be called only in one place.
package internal_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/dangol/dangol/"

// floors: a room imports lower floors only.
var floors = map[string]int{
	"kit": 0, "event": 1, "query": 1, "store": 2, "bus": 2, "warehouse": 2, "recall": 2,
	"account": 3, "market": 3, "collect": 3, "profile": 3, "audience": 3, "predict": 3, "insight": 3, "simulate": 3,
	"app": 4,
}

// shared lists which features may use whose nouns; between all others there is an event, or an interface of the
// consumer that app joins. "*" is every feature.
var shared = map[string][]string{
	"account": {"*"}, "market": {"*"},
	"profile":  {"audience", "predict", "insight"},
	"audience": {"predict", "insight"},
}

// engines may be imported by their own room alone.
var engines = map[string]string{
	"github.com/duckdb/": "warehouse", "modernc.org/sqlite": "store", "github.com/jackc/pgx": "store", "github.com/pressly/goose": "store",
	"github.com/spf13/cobra": "app", "github.com/nats-io/": "bus", "github.com/cockroachdb/pebble": "recall",
}

// The limits of sizes: what is over the first is told, what is over the second fails.
const (
	fileWarn, fileFail         = 600, 1000
	functionWarn, functionFail = 70, 100
	packageFail                = 5000
)

var bannedNames = []string{"util", "utils", "common", "helper", "helpers", "base", "manager", "misc"}

type source struct {
	path  string // from the root, with slashes
	room  string // "" outside internal
	test  bool
	lines int
	file  *ast.File
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("no go.mod above this test")
	return ""
}

// sources reads every Go file of the project.
func sources(t *testing.T) ([]source, *token.FileSet) {
	t.Helper()
	top, fset := root(t), token.NewFileSet()
	var all []source
	err := filepath.WalkDir(top, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if n := e.Name(); n == "node_modules" || n == "testdata" || (strings.HasPrefix(n, ".") && name != top) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(top, name)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(fset, name, text, parser.ParseComments)
		if err != nil {
			return err
		}
		s := source{path: filepath.ToSlash(rel), test: strings.HasSuffix(name, "_test.go"), lines: strings.Count(string(text), "\n"), file: f}
		s.room = roomOf(s.path)
		all = append(all, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, fset
}

// roomOf names the room of a path below internal.
func roomOf(p string) string {
	parts := strings.Split(p, "/")
	if len(parts) < 3 || parts[0] != "internal" {
		return ""
	}
	return parts[1]
}

func TestRoomsImportLowerFloors(t *testing.T) {
	all, _ := sources(t)
	for _, s := range all {
		for _, spec := range s.file.Imports {
			to, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if problem := importProblem(s, to); problem != "" {
				t.Errorf("%s imports %s: %s", s.path, to, problem)
			}
		}
	}
}

func importProblem(s source, to string) string {
	inside, ours := strings.CutPrefix(to, module)
	if !ours {
		for prefix, owner := range engines {
			if strings.HasPrefix(to, prefix) && s.room != owner && !s.test {
				return "only " + owner + " speaks to this"
			}
		}
		return ""
	}
	target := roomOf(inside + "/x.go")
	if strings.HasPrefix(s.path, "models/") {
		// Their tests find the public data sets where all others do.
		if !strings.HasPrefix(inside, "models/") && (!s.test || inside != "internal/kit/datatest") {
			return "models are public and know nothing of the house"
		}
		return ""
	}
	if s.room == "" || target == "" || target == s.room {
		return ""
	}
	from, known := floors[s.room]
	lower, knownToo := floors[target]
	switch {
	case !known || !knownToo:
		return "a room that has no floor; give it one in house_test.go"
	case s.test: // a test may build on what its room does not
		return ""
	case lower < from:
		return ""
	case lower == from && from == 2:
		return "engines do not know each other"
	case lower == from && (slices.Contains(shared[target], "*") || slices.Contains(shared[target], s.room)):
		return ""
	}
	return fmt.Sprintf("floor %d may not import floor %d here; let app join them through an interface", from, lower)
}

func TestSizes(t *testing.T) {
	all, fset := sources(t)
	packages := map[string]int{}
	for _, s := range all {
		if s.lines > fileFail {
			t.Errorf("%s has %d lines, at most %d", s.path, s.lines, fileFail)
		} else if s.lines > fileWarn {
			t.Logf("warning: %s has %d lines, better at most %d", s.path, s.lines, fileWarn)
		}
		if !s.test {
			packages[path.Dir(s.path)] += s.lines
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			n := fset.Position(f.End()).Line - fset.Position(f.Pos()).Line + 1
			if n > functionFail {
				t.Errorf("%s: %s has %d lines, at most %d", s.path, f.Name.Name, n, functionFail)
			} else if n > functionWarn {
				t.Logf("warning: %s: %s has %d lines, better at most %d", s.path, f.Name.Name, n, functionWarn)
			}
		}
	}
	for name, n := range packages {
		if n > packageFail {
			t.Errorf("package %s has %d lines, at most %d", name, n, packageFail)
		}
	}
}

// TestRoomsSayWhatTheyAre wants a doc.go in each room, and a package comment in every package.
func TestRoomsSayWhatTheyAre(t *testing.T) {
	all, _ := sources(t)
	documented, seen := map[string]bool{}, map[string]bool{}
	for _, s := range all {
		dir := path.Dir(s.path)
		if s.test {
			continue
		}
		seen[dir] = true
		if s.file.Doc != nil {
			documented[dir] = true
		}
	}
	for dir := range seen {
		if !documented[dir] {
			t.Errorf("package %s has no comment", dir)
		}
	}
	for room := range floors {
		if room == "kit" { // holds packages of one idea each
			continue
		}
		dir := filepath.Join(root(t), "internal", room)
		if _, err := os.Stat(dir); err != nil {
			continue // a room is made with its first feature
		}
		if _, err := os.Stat(filepath.Join(dir, "doc.go")); err != nil {
			t.Errorf("room %s has no doc.go", room)
		}
	}
}

func TestNames(t *testing.T) {
	all, _ := sources(t)
	suffix := regexp.MustCompile(`[a-z0-9](V2|Impl|Manager|Helper)$`)
	for _, s := range all {
		name := strings.TrimSuffix(path.Base(s.path), ".go")
		if slices.Contains(bannedNames, s.file.Name.Name) || slices.Contains(bannedNames, name) {
			t.Errorf("%s: the name says nothing", s.path)
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok && suffix.MatchString(spec.Name.Name) {
				t.Errorf("%s: the type %s is named for its form, not its meaning", s.path, spec.Name.Name)
			}
			return true
		})
	}
}

func TestEveryTODOHasAnOwner(t *testing.T) {
	all, fset := sources(t)
	ownerless := regexp.MustCompile(`\b(TODO|FIXME|XXX)\b(?:[^(]|$)`)
	for _, s := range all {
		if strings.HasSuffix(s.path, "house_test.go") {
			continue
		}
		for _, group := range s.file.Comments {
			for _, c := range group.List {
				if ownerless.MatchString(c.Text) {
					t.Errorf("%s: write TODO(name)", fset.Position(c.Pos()))
				}
			}
		}
	}
}

// onlyThere lists calls that have one place; elsewhere they hide what a test must be able to turn.
var onlyThere = map[string][]string{
	"time.Now":           {"internal/kit/clock/"},
	"time.Since":         {"internal/kit/clock/"},
	"os.Getenv":          {"cmd/"},
	"slog.Default":       nil,
	"context.Background": {"cmd/", "internal/kit/job/"},
	"http.DefaultClient": nil,
	"fmt.Println":        nil,
	"fmt.Printf":         nil,
	"os.Exit":            {"cmd/"},
}

func TestCallsInTheirPlace(t *testing.T) {
	all, fset := sources(t)
	for _, s := range all {
		// Benchmarks and tools that only tests use may look at the clock.
		if s.test || s.room == "" && !strings.HasPrefix(s.path, "models/") || isTestPackage(s.path) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := sel.X.(*ast.Ident)
			if !ok || pkg.Obj != nil {
				return true
			}
			call := pkg.Name + "." + sel.Sel.Name
			places, restricted := onlyThere[call]
			if restricted && !slices.ContainsFunc(places, func(p string) bool { return strings.HasPrefix(s.path, p) }) {
				t.Errorf("%s: %s may be used only in %v", fset.Position(sel.Pos()), call, places)
			}
			return true
		})
	}
}

// isTestPackage tells packages such as store/pgtest, which hold tests for others to run.
func isTestPackage(p string) bool { return strings.HasSuffix(path.Dir(p), "test") }
