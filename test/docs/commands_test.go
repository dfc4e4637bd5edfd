package docs

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/app/cli"
)

// commands are the command line's own words, as its help tells them: "key create" has no commands below it, "key" has.
func commands(t *testing.T) (ends, groups []string) {
	t.Helper()
	var walk func(path []string)
	walk = func(path []string) {
		var out bytes.Buffer
		args := append(slices.Clone(path), "--help")
		if code := cli.Main(t.Context(), app.Build{}, args, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &out, Env: func(string) string { return "" }}); code != 0 {
			t.Fatalf("dangol %s: status %d, %s", strings.Join(args, " "), code, out.String())
		}
		name := strings.Join(path, " ")
		_, list, has := strings.Cut(out.String(), "Available Commands:\n")
		if !has || name == "completion" {
			ends = append(ends, name)
			return
		}
		groups = append(groups, name)
		if strings.Contains(out.String(), "Usage:\n  dangol "+name+" ID") { // it does something alone, too
			ends = append(ends, name)
		}
		for line := range strings.Lines(list) {
			fields := strings.Fields(line)
			if len(fields) == 0 {
				break
			}
			if fields[0] != "help" {
				walk(append(slices.Clone(path), fields[0]))
			}
		}
	}
	walk(nil)
	if len(ends) < 30 {
		t.Fatalf("only %d commands found: %v", len(ends), ends)
	}
	return ends, groups
}

// TestEveryCommandIsLookedUp finds each command of the binary, in full, on the page of the command line.
func TestEveryCommandIsLookedUp(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "look-up", "cli.md"))
	if err != nil {
		t.Fatal(err)
	}
	ends, _ := commands(t)
	for _, name := range ends {
		if !regexp.MustCompile("`dangol " + name + "[ `]").Match(text) {
			t.Errorf("docs/look-up/cli.md does not have `dangol %s`", name)
		}
	}
}

var inCode = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")

// called is a command where a shell would read one; `sudo -u dangol` names a user.
var called = regexp.MustCompile(`(?:^|[\n|(;` + "`" + `])[ \t]*dangol ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?`)

// TestCommandsInTheDocumentationExist follows every command that a page tells people to run.
func TestCommandsInTheDocumentationExist(t *testing.T) {
	t.Parallel()
	ends, groups := commands(t)
	for _, page := range pages(t, filepath.Join("..", "..")) {
		if strings.Contains(page, filepath.Join("docs", "adr")) {
			continue
		}
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range inCode.FindAllString(string(text), -1) {
			for _, m := range called.FindAllStringSubmatch(block, -1) {
				switch first, both := m[1], m[1]+" "+m[2]; {
				case slices.Contains(ends, first) && !slices.Contains(groups, first), slices.Contains(ends, both), slices.Contains(groups, both):
				case slices.Contains(groups, first) && (m[2] == "" || slices.Contains(ends, first)):
				default:
					t.Errorf("%s has `dangol %s`, which is no command", page, strings.TrimSpace(both))
				}
			}
		}
	}
}

// TestEveryPageIsLinked finds each page of the documentation in the README, decisions aside, which are linked as a folder.
func TestEveryPageIsLinked(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages(t, root) {
		name, err := filepath.Rel(root, page)
		if err != nil {
			t.Fatal(err)
		}
		name = filepath.ToSlash(name)
		if strings.HasPrefix(name, "docs/") && !strings.HasPrefix(name, "docs/adr/") && !strings.Contains(string(readme), "]("+name+")") {
			t.Errorf("the README does not link %s", name)
		}
	}
}
