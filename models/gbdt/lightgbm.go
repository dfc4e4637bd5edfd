package gbdt

import (
	"io"
	"math"
	"strconv"
	"strings"
)

// ReadLightGBM reads a model that LightGBM saved as text (save_model), format
// v3 or v4. Models of one output with constant leaves are read.
func ReadLightGBM(r io.Reader) (*Model, error) {
	text, err := readLimited(r)
	if err != nil {
		return nil, err
	}
	sections := lgbSections(string(text))
	if len(sections) == 0 || sections[0].name != "tree" {
		return nil, fail(InvalidModel, "this is not a LightGBM model: its first line is not \"tree\"")
	}
	head := sections[0].values
	if v := head["version"]; v != "v3" && v != "v4" {
		return nil, fail(UnsupportedModel, "the format is %.20q: v3 and v4 are read", v)
	}
	if head["num_class"] != "1" || head["num_tree_per_iteration"] != "1" {
		return nil, fail(UnsupportedModel, "the model has several outputs: train one for each")
	}
	m := &Model{}
	if err := m.lgbHead(head); err != nil {
		return nil, err
	}
	if len(sections)-1 > maxTrees {
		return nil, fail(InvalidModel, "%d trees, at most %d", len(sections)-1, maxTrees)
	}
	for i, s := range sections[1:] {
		t, err := s.tree(m.features)
		if err != nil {
			return nil, inTree(i, err)
		}
		m.trees = append(m.trees, t)
	}
	if _, average := head["average_output"]; average && len(m.trees) > 0 {
		for i := range m.trees {
			m.trees[i].multiply(1 / float64(len(m.trees)))
		}
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	return m, nil
}

// lgbSection is a paragraph of name=value lines.
type lgbSection struct {
	name   string
	values map[string]string
}

// lgbSections reads the head and the trees.
func lgbSections(text string) []lgbSection {
	var list []lgbSection
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		name, value, _ := strings.Cut(line, "=")
		switch {
		case line == "end of trees":
			return list
		case len(list) == 0 || name == "Tree":
			if line != "" {
				list = append(list, lgbSection{name, map[string]string{}})
			}
		case line != "":
			list[len(list)-1].values[name] = value
		}
	}
	return list
}

func (m *Model) lgbHead(head map[string]string) error {
	last, err := strconv.Atoi(head["max_feature_idx"])
	if err != nil || last < 0 || last >= maxFeatures {
		return fail(InvalidModel, "max_feature_idx is %.20q: a number below %d is expected", head["max_feature_idx"], maxFeatures)
	}
	names := strings.Fields(head["feature_names"])
	if len(names) != last+1 {
		return fail(InvalidModel, "%d feature names for %d features", len(names), last+1)
	}
	infos := strings.Fields(head["feature_infos"])
	m.features = make([]Feature, len(names))
	for i, name := range names {
		m.features[i] = Feature{Name: name}
		// A number's info is [low:high], a category's is low:high:...
		m.features[i].Category = i < len(infos) && !strings.HasPrefix(infos[i], "[") && infos[i] != "none"
	}
	words := strings.Fields(head["objective"])
	if len(words) == 0 {
		words = []string{"custom"}
	}
	m.objective, m.steepness = words[0], 1
	switch words[0] {
	case "binary", "cross_entropy":
		m.link = logistic
	case "poisson", "gamma", "tweedie":
		m.link = logLink
	case "regression", "regression_l1", "huber", "fair", "quantile", "mape", "lambdarank", "rank_xendcg", "custom":
		m.link = identity
	default:
		return fail(UnsupportedModel, "the objective %.40q is not known", words[0])
	}
	for _, w := range words[1:] {
		if w == "sqrt" {
			return fail(UnsupportedModel, "the objective has reg_sqrt: train without it")
		}
		if v, found := strings.CutPrefix(w, "sigmoid:"); found {
			if m.steepness, err = strconv.ParseFloat(v, 64); err != nil || !(m.steepness > 0) || math.IsInf(m.steepness, 0) {
				return fail(InvalidModel, "the objective's sigmoid is %.20q", v)
			}
		}
	}
	return nil
}

// lgbLists are the lists of a tree.
type lgbLists struct {
	feature, kind, left, right, bounds, words []int64
	threshold, value                          []float64
	leafCount, nodeCount, gain                []float64
}

func (s lgbSection) tree(features []Feature) (tree, error) {
	leaves, err := strconv.Atoi(s.values["num_leaves"])
	if err != nil || leaves < 1 || leaves > maxNodes/2 {
		return tree{}, fail(InvalidModel, "num_leaves is %.20q", s.values["num_leaves"])
	}
	if v := s.values["is_linear"]; v != "" && v != "0" {
		return tree{}, fail(UnsupportedModel, "its leaves are linear: train with linear_tree=false")
	}
	l, err := s.lists(leaves)
	if err != nil {
		return tree{}, err
	}
	splits := leaves - 1
	t := tree{nodes: make([]node, splits+leaves), cover: make([]float64, splits+leaves), gain: make([]float64, splits+leaves)}
	for i := range leaves {
		t.nodes[splits+i] = node{threshold: l.value[i], feature: -1, set: -1}
		if len(l.leafCount) == leaves {
			t.cover[splits+i] = l.leafCount[i]
		}
	}
	// A child c >= 0 is a split, below 0 it is the leaf -c-1.
	child := func(c int64) int32 {
		if c < 0 {
			return int32(max(min(int64(splits)-c-1, maxNodes), -1))
		}
		return int32(min(c, maxNodes))
	}
	for i := range splits {
		n := &t.nodes[i]
		if f := l.feature[i]; f < 0 || f >= int64(len(features)) {
			return tree{}, fail(InvalidModel, "node %d splits on feature %d of %d", i, f, len(features))
		}
		*n = node{threshold: l.threshold[i], feature: int32(l.feature[i]), left: child(l.left[i]), right: child(l.right[i]), set: -1}
		t.cover[i], t.gain[i] = l.nodeCount[i], l.gain[i]
		if err := l.decide(&t, n, l.kind[i]); err != nil {
			return tree{}, err
		}
	}
	return t.ordered()
}

// decide reads a split's decision_type: bit 0 categories, bit 1 missing goes
// left, bits 2-3 what is missing: 0 nothing (NaN is 0), 1 zero and NaN, 2 NaN.
func (l *lgbLists) decide(t *tree, n *node, kind int64) error {
	if kind < 0 || kind > 15 || kind>>2 > 2 {
		return fail(InvalidModel, "decision_type is %d", kind)
	}
	if kind&1 == 0 {
		n.missingLeft = kind&2 != 0
		switch kind >> 2 {
		case 0:
			n.missingLeft = 0 <= n.threshold
		case 1:
			n.zeroMissing = true
		}
		return nil
	}
	at := int64(n.threshold)
	if float64(at) != n.threshold || at < 0 || at+1 >= int64(len(l.bounds)) {
		return fail(InvalidModel, "a split names the set of categories %v of %d", n.threshold, len(l.bounds)-1)
	}
	from, to := l.bounds[at], l.bounds[at+1]
	if from < 0 || to < from || to > int64(len(l.words)) || (to-from)*32 > maxCategory {
		return fail(InvalidModel, "the set of categories %d lies outside the list", at)
	}
	var codes []int32
	for i, w := range l.words[from:to] {
		for bit := range 32 {
			if w>>bit&1 == 1 {
				codes = append(codes, int32(32*i+bit))
			}
		}
	}
	n.set, n.setLeft, n.threshold = int32(len(t.sets)), true, 0
	t.sets = append(t.sets, newCodeSet(codes))
	return nil
}

func (s lgbSection) lists(leaves int) (*lgbLists, error) {
	l := &lgbLists{}
	splits := leaves - 1
	for _, part := range []struct {
		name  string
		to    *[]int64
		count int
	}{
		{"split_feature", &l.feature, splits},
		{"decision_type", &l.kind, splits},
		{"left_child", &l.left, splits},
		{"right_child", &l.right, splits},
		{"cat_boundaries", &l.bounds, -1},
		{"cat_threshold", &l.words, -1},
	} {
		for _, word := range strings.Fields(s.values[part.name]) {
			v, err := strconv.ParseInt(word, 10, 64)
			if err != nil {
				return nil, fail(InvalidModel, "%s holds %.20q", part.name, word)
			}
			*part.to = append(*part.to, v)
		}
		if part.count >= 0 && len(*part.to) != part.count {
			return nil, fail(InvalidModel, "%s has %d values for %d leaves", part.name, len(*part.to), leaves)
		}
	}
	for _, part := range []struct {
		name  string
		to    *[]float64
		count int
	}{
		{"threshold", &l.threshold, splits},
		{"leaf_value", &l.value, leaves},
		{"leaf_count", &l.leafCount, -1},
		{"internal_count", &l.nodeCount, splits},
		{"split_gain", &l.gain, splits},
	} {
		for _, word := range strings.Fields(s.values[part.name]) {
			v, err := strconv.ParseFloat(word, 64)
			if err != nil || math.IsNaN(v) {
				return nil, fail(InvalidModel, "%s holds %.20q", part.name, word)
			}
			*part.to = append(*part.to, max(-math.MaxFloat64, min(v, math.MaxFloat64)))
		}
		if part.count >= 0 && len(*part.to) != part.count {
			return nil, fail(InvalidModel, "%s has %d values for %d leaves", part.name, len(*part.to), leaves)
		}
	}
	return l, nil
}
