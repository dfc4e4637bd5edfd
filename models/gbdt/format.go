package gbdt

import (
	"encoding/json"
	"io"
	"math"
	"slices"
	"unicode/utf8"
)

// The saved form, described in FORMAT.md.
const (
	formatName    = "dangol.gbdt"
	formatVersion = 1
)

type savedModel struct {
	Format    string      `json:"format"`
	Version   int         `json:"version"`
	Objective string      `json:"objective"`
	Link      link        `json:"link"`
	Steepness float64     `json:"steepness,omitempty"`
	Intercept float64     `json:"intercept"`
	Features  []Feature   `json:"features"`
	Trees     []savedTree `json:"trees"`
}

type savedTree struct {
	Feature     []int32    `json:"feature"`
	Threshold   []float64  `json:"threshold"`
	Left        []int32    `json:"left"`
	Right       []int32    `json:"right"`
	MissingLeft []int8     `json:"missing_left"`
	ZeroMissing []int32    `json:"zero_missing,omitempty"`
	Sets        []savedSet `json:"sets,omitempty"`
	Gain        []float64  `json:"gain"`
	Cover       []float64  `json:"cover"`
	Value       []float64  `json:"value"`
	LeafCover   []float64  `json:"leaf_cover"`
}

type savedSet struct {
	Split int32   `json:"split"`
	Left  bool    `json:"left"`
	Codes []int32 `json:"codes"`
}

// MarshalJSON saves the model; see FORMAT.md. The same model gives the same
// bytes, and [Read] gives back a model that predicts the same bits.
func (m *Model) MarshalJSON() ([]byte, error) {
	s := savedModel{
		Format: formatName, Version: formatVersion, Objective: m.objective, Link: m.link,
		Intercept: m.base, Features: m.features, Trees: make([]savedTree, len(m.trees)),
	}
	if m.link == logistic {
		s.Steepness = m.steepness
	}
	for i := range m.trees {
		s.Trees[i] = m.trees[i].saved()
	}
	return json.Marshal(s)
}

// saved numbers splits and leaves apart, each in the order of nodes.
func (t *tree) saved() savedTree {
	place := make([]int32, len(t.nodes))
	splits, leaves := int32(0), int32(0)
	for i := range t.nodes {
		if t.nodes[i].feature >= 0 {
			place[i] = splits
			splits++
		} else {
			leaves++
			place[i] = -leaves
		}
	}
	s := savedTree{
		Feature: []int32{}, Threshold: []float64{}, Left: []int32{}, Right: []int32{}, MissingLeft: []int8{},
		Gain: []float64{}, Cover: []float64{},
	}
	for i := range t.nodes {
		n := &t.nodes[i]
		if n.feature < 0 {
			s.Value, s.LeafCover = append(s.Value, n.threshold), append(s.LeafCover, t.cover[i])
			continue
		}
		missing := int8(0)
		if n.missingLeft {
			missing = 1
		}
		if n.zeroMissing {
			s.ZeroMissing = append(s.ZeroMissing, place[i])
		}
		if n.set >= 0 {
			s.Sets = append(s.Sets, savedSet{place[i], n.setLeft, slices.Clone(t.sets[n.set].codes)})
		}
		s.Feature, s.Threshold, s.MissingLeft = append(s.Feature, n.feature), append(s.Threshold, n.threshold), append(s.MissingLeft, missing)
		s.Left, s.Right = append(s.Left, place[n.left]), append(s.Right, place[n.right])
		s.Gain, s.Cover = append(s.Gain, t.gain[i]), append(s.Cover, t.cover[i])
	}
	return s
}

// Read reads a model that MarshalJSON wrote.
func Read(r io.Reader) (*Model, error) {
	text, err := readLimited(r)
	if err != nil {
		return nil, err
	}
	m := &Model{}
	if err := m.UnmarshalJSON(text); err != nil {
		return nil, err
	}
	return m, nil
}

// UnmarshalJSON reads what MarshalJSON wrote. The model must not be in use.
func (m *Model) UnmarshalJSON(text []byte) error {
	var s savedModel
	if err := json.Unmarshal(text, &s); err != nil {
		return fail(InvalidModel, "this is not a saved model: %v", err)
	}
	if s.Format != formatName {
		return fail(InvalidModel, "the format is %.40q, not %q; models of others are read by ReadXGBoost and ReadLightGBM", s.Format, formatName)
	}
	if s.Version != formatVersion {
		return fail(UnsupportedModel, "the model has version %d, this program reads %d: use a newer one", s.Version, formatVersion)
	}
	if len(s.Features) > maxFeatures || len(s.Trees) > maxTrees {
		return fail(InvalidModel, "%d features and %d trees, at most %d and %d", len(s.Features), len(s.Trees), maxFeatures, maxTrees)
	}
	read := Model{objective: s.Objective, link: s.Link, steepness: 1, base: s.Intercept, features: s.Features}
	switch s.Link {
	case logistic:
		read.steepness = s.Steepness
	case identity, logLink:
	default:
		return fail(InvalidModel, "the link %.40q is not known", s.Link)
	}
	for i := range s.Trees {
		t, err := s.Trees[i].tree(len(s.Features))
		if err != nil {
			return inTree(i, err)
		}
		read.trees = append(read.trees, t)
	}
	if err := read.check(); err != nil {
		return err
	}
	m.objective, m.link, m.steepness, m.base = read.objective, read.link, read.steepness, read.base
	m.features, m.trees = read.features, read.trees
	return nil
}

// tree reads a saved tree.
func (s *savedTree) tree(features int) (tree, error) {
	splits, leaves := len(s.Feature), len(s.Value)
	if leaves != splits+1 || splits > maxNodes {
		return tree{}, fail(InvalidModel, "%d splits and %d leaves", splits, leaves)
	}
	for _, l := range []int{len(s.Threshold), len(s.Left), len(s.Right), len(s.MissingLeft), len(s.Gain), len(s.Cover), splits + len(s.LeafCover) - leaves} {
		if l != splits {
			return tree{}, fail(InvalidModel, "lists of %d and %d splits", splits, l)
		}
	}
	child := func(c int32) int32 {
		if c < 0 {
			return int32(splits) - c - 1
		}
		return c
	}
	t := tree{nodes: make([]node, splits+leaves), cover: slices.Concat(s.Cover, s.LeafCover), gain: slices.Concat(s.Gain, make([]float64, leaves))}
	for i := range splits {
		if f := s.Feature[i]; f < 0 || int(f) >= features {
			return tree{}, fail(InvalidModel, "split %d is on feature %d of %d", i, f, features)
		}
		t.nodes[i] = node{s.Threshold[i], s.Feature[i], child(s.Left[i]), child(s.Right[i]), -1, s.MissingLeft[i] != 0, false, false}
	}
	for i, v := range s.Value {
		t.nodes[splits+i] = node{threshold: v, feature: -1, set: -1}
	}
	for _, i := range s.ZeroMissing {
		if i < 0 || int(i) >= splits {
			return tree{}, fail(InvalidModel, "zero_missing names split %d of %d", i, splits)
		}
		t.nodes[i].zeroMissing = true
	}
	for _, set := range s.Sets {
		if set.Split < 0 || int(set.Split) >= splits || t.nodes[set.Split].set >= 0 {
			return tree{}, fail(InvalidModel, "a set names split %d of %d, or names it twice", set.Split, splits)
		}
		t.nodes[set.Split].set, t.nodes[set.Split].setLeft = int32(len(t.sets)), set.Left
		t.sets = append(t.sets, newCodeSet(slices.DeleteFunc(slices.Clone(set.Codes), func(c int32) bool { return c < 0 })))
	}
	return t.ordered()
}

// maxDepth bounds the recursion over a tree that was read.
const maxDepth = 10_000

// ordered checks that the nodes are a tree and puts parents before their
// children, which all else relies on.
func (t *tree) ordered() (tree, error) {
	type visit struct{ node, depth int32 }
	seen := make([]bool, len(t.nodes))
	place := make([]int32, len(t.nodes))
	order := make([]int32, 0, len(t.nodes))
	for queue := []visit{{0, 0}}; len(queue) > 0; {
		v := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if v.node < 0 || int(v.node) >= len(t.nodes) || seen[v.node] {
			return tree{}, fail(InvalidModel, "node %d of %d is not there, or has two parents", v.node, len(t.nodes))
		}
		if v.depth > maxDepth {
			return tree{}, fail(InvalidModel, "it is deeper than %d", maxDepth)
		}
		seen[v.node] = true
		place[v.node] = int32(len(order))
		order = append(order, v.node)
		if n := &t.nodes[v.node]; n.feature >= 0 {
			queue = append(queue, visit{n.right, v.depth + 1}, visit{n.left, v.depth + 1})
		}
	}
	out := tree{nodes: make([]node, len(order)), sets: t.sets, cover: make([]float64, len(order)), gain: make([]float64, len(order))}
	for i, from := range order {
		n := t.nodes[from]
		if n.feature >= 0 {
			n.left, n.right = place[n.left], place[n.right]
		}
		out.nodes[i], out.cover[i], out.gain[i] = n, t.cover[from], t.gain[from]
	}
	return out, nil
}

// check looks at the numbers of a model that was read.
func (m *Model) check() error {
	if math.IsNaN(m.base) || math.IsInf(m.base, 0) || !(m.steepness > 0) || math.IsInf(m.steepness, 0) {
		return fail(InvalidModel, "the intercept is %v, the steepness %v", m.base, m.steepness)
	}
	for i, f := range m.features {
		if !utf8.ValidString(f.Name) {
			return fail(InvalidModel, "the name of feature %d, %q, is not UTF-8", i, f.Name)
		}
	}
	for i := range m.trees {
		t := &m.trees[i]
		for n := range t.nodes {
			for _, v := range []float64{t.nodes[n].threshold, t.gain[n], t.cover[n]} {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					return inTree(i, fail(InvalidModel, "node %d holds %v", n, v))
				}
			}
			if t.cover[n] < 0 {
				return inTree(i, fail(InvalidModel, "node %d has a cover of %v", n, t.cover[n]))
			}
		}
	}
	return nil
}
