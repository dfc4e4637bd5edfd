package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// told is one place of the source that makes a fault.
type told struct {
	Reason, Code, Sentence, Next string
	At                           string // file:line
}

func (f told) room() string {
	room, _, _ := strings.Cut(f.Reason, ".")
	return room
}

// gather finds the faults of the program, tests left aside; equal ones are listed once.
func gather(root fs.FS) ([]told, error) {
	files := token.NewFileSet()
	rooms := map[string][]*ast.File{} // by folder
	for _, folder := range []string{"cmd", "internal"} {
		err := fs.WalkDir(root, folder, func(at string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(at, ".go") || strings.HasSuffix(at, "_test.go") || strings.HasSuffix(path.Dir(at), "test") {
				return err
			}
			text, err := fs.ReadFile(root, at)
			if err != nil {
				return err
			}
			file, err := parser.ParseFile(files, at, text, parser.SkipObjectResolution)
			rooms[path.Dir(at)] = append(rooms[path.Dir(at)], file)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	var all []told
	for _, room := range rooms {
		r := reader{files: files, constants: constants(room), wrappers: wrappers(room)}
		for _, file := range room {
			if err := r.read(file); err != nil {
				return nil, err
			}
		}
		all = append(all, r.found...)
	}
	slices.SortFunc(all, func(a, b told) int {
		return cmp.Or(strings.Compare(a.Reason, b.Reason), strings.Compare(a.Sentence, b.Sentence), strings.Compare(a.Next, b.Next), strings.Compare(a.At, b.At))
	})
	return slices.CompactFunc(all, func(a, b told) bool {
		a.At = b.At
		return a == b
	}), nil
}

// constants are the texts that a package names.
func constants(room []*ast.File) map[string]string {
	named := map[string]string{}
	for _, file := range room {
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Names) == len(spec.Values) {
				for i, v := range spec.Values {
					if b, ok := v.(*ast.BasicLit); ok && b.Kind == token.STRING {
						named[spec.Names[i].Name] = literal(b)
					}
				}
			}
			return true
		})
	}
	return named
}

// reader reads the files of one package.
type reader struct {
	files     *token.FileSet
	constants map[string]string
	wrappers  map[string]wrapper
	found     []told
}

func (r *reader) read(file *ast.File) (err error) {
	next := map[*ast.CallExpr]string{}
	for _, d := range file.Decls {
		f, _ := d.(*ast.FuncDecl)
		ast.Inspect(d, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || err != nil {
				return err == nil
			}
			if len(call.Args) == 1 && method(call) == "Then" {
				next[makes(call)] = r.sentence(call.Args[0])
			}
			if w, ok := r.wrappers[name(call)]; ok && len(call.Args) == w.takes {
				if reason := r.text(call.Args[w.reason]); shape.MatchString(reason) {
					r.add(call, told{Reason: reason, Code: w.code, Sentence: r.argument(call, w.sentence), Next: r.argument(call, w.next)})
				}
			}
			if !isNew(file, call) || handsOn(call.Args[1]) || parameter(f, call.Args[1]) >= 0 {
				return true
			}
			reason := r.text(call.Args[1])
			if !shape.MatchString(reason) {
				err = fmt.Errorf("%s: a reason such as room.what_is_wrong is written out where the fault is made, or is a constant beside it", r.files.Position(call.Pos()))
				return false
			}
			r.add(call, told{Reason: reason, Code: code(call.Args[0]), Sentence: r.sentence(call.Args[2]), Next: next[call]})
			return true
		})
	}
	return err
}

func (r *reader) add(call *ast.CallExpr, f told) {
	f.At = r.files.Position(call.Pos()).String()
	r.found = append(r.found, f)
}

// handsOn says that a problem told elsewhere becomes a fault again.
func handsOn(reason ast.Expr) bool {
	x, ok := reason.(*ast.SelectorExpr)
	return ok && (x.Sel.Name == "Type" || x.Sel.Name == "Reason")
}

// wrapper is a function that makes a fault of the reason and the sentence it is given; -1 where it is given none.
type wrapper struct {
	code                   string
	reason, sentence, next int
	takes                  int
}

// wrappers finds the functions of a package that take a reason.
func wrappers(room []*ast.File) map[string]wrapper {
	found := map[string]wrapper{}
	for _, file := range room {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			step := -1
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				if len(call.Args) == 1 && method(call) == "Then" {
					step = parameter(f, call.Args[0])
				}
				if isNew(file, call) && parameter(f, call.Args[1]) >= 0 {
					found[f.Name.Name] = wrapper{code(call.Args[0]), parameter(f, call.Args[1]), parameter(f, call.Args[2]), step, f.Type.Params.NumFields()}
				}
				return true
			})
		}
	}
	return found
}

// parameter is which parameter of the function the expression is, or -1.
func parameter(f *ast.FuncDecl, e ast.Expr) int {
	id, ok := e.(*ast.Ident)
	if !ok || f == nil {
		return -1
	}
	at := 0
	for _, field := range f.Type.Params.List {
		for _, n := range field.Names {
			if n.Name == id.Name {
				return at
			}
			at++
		}
	}
	return -1
}

func (r *reader) argument(call *ast.CallExpr, at int) string {
	if at < 0 {
		return ""
	}
	return r.sentence(call.Args[at])
}

// text is the text of a literal or a constant, else "".
func (r *reader) text(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.BasicLit:
		return literal(x)
	case *ast.Ident:
		return r.constants[x.Name]
	}
	return ""
}

// isNew says whether the call makes a fault: fault.New, fault.Newf, or New inside the package itself.
func isNew(file *ast.File, call *ast.CallExpr) bool {
	if len(call.Args) < 3 {
		return false
	}
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		in, ok := f.X.(*ast.Ident)
		return ok && in.Name == "fault" && (f.Sel.Name == "New" || f.Sel.Name == "Newf")
	case *ast.Ident:
		return file.Name.Name == "fault" && f.Name == "New"
	}
	return false
}

// makes is the call at the beginning of a chain such as fault.New(…).At(…).Then(…).
func makes(call *ast.CallExpr) *ast.CallExpr {
	for {
		f, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return call
		}
		inner, ok := f.X.(*ast.CallExpr)
		if !ok {
			return call
		}
		call = inner
	}
}

func method(call *ast.CallExpr) string {
	if f, ok := call.Fun.(*ast.SelectorExpr); ok {
		return f.Sel.Name
	}
	return ""
}

// name is that of the function or method called.
func name(call *ast.CallExpr) string {
	if f, ok := call.Fun.(*ast.Ident); ok {
		return f.Name
	}
	return method(call)
}

var (
	shape    = regexp.MustCompile(`^([a-z]+\.[a-z0-9_]+|internal)$`)
	capitals = regexp.MustCompile(`([a-z])([A-Z])`)
	verbs    = regexp.MustCompile(`%%|%[-+# 0-9.]*[a-zA-Z]`)
)

// code turns fault.NotFound into not_found.
func code(e ast.Expr) string {
	name := "…"
	switch c := e.(type) {
	case *ast.SelectorExpr:
		name = c.Sel.Name
	case *ast.Ident:
		name = c.Name
	}
	return strings.ToLower(capitals.ReplaceAllString(name, "${1}_${2}"))
}

// sentence is the text of an expression with … for what only the run knows.
func (r *reader) sentence(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.BasicLit:
		return verbs.ReplaceAllStringFunc(literal(x), func(verb string) string {
			if verb == "%%" {
				return "%"
			}
			return "…"
		})
	case *ast.Ident:
		if text, ok := r.constants[x.Name]; ok {
			return text
		}
	case *ast.BinaryExpr:
		return strings.ReplaceAll(r.sentence(x.X)+r.sentence(x.Y), "……", "…")
	case *ast.CallExpr:
		if method(x) == "Sprintf" && len(x.Args) > 0 {
			return r.sentence(x.Args[0])
		}
	}
	return "…"
}

func literal(b *ast.BasicLit) string {
	text, err := strconv.Unquote(b.Value)
	if err != nil {
		return b.Value
	}
	return text
}

// cell fits a text into one cell of a Markdown table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(text)
}
