package gbdt

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
)

// Limits of the readers.
const (
	maxModelBytes = 1 << 30
	maxFeatures   = 1 << 20
	maxNodes      = 1 << 20 // of a tree
	maxCategory   = 1 << 24
)

// readLimited reads all, up to the limit.
func readLimited(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxModelBytes+1))
	if err != nil {
		return nil, fail(InvalidModel, "reading the model: %v", err)
	}
	if len(text) > maxModelBytes {
		return nil, fail(InvalidModel, "the model has more than %d bytes", maxModelBytes)
	}
	return text, nil
}

type xgbModel struct {
	Learner struct {
		FeatureNames []string `json:"feature_names"`
		FeatureTypes []string `json:"feature_types"`
		Booster      struct {
			Name       string    `json:"name"`
			Model      xgbTrees  `json:"model"`
			Dart       *xgbDart  `json:"gbtree"`
			WeightDrop []float64 `json:"weight_drop"`
		} `json:"gradient_booster"`
		Param struct {
			BaseScore  string `json:"base_score"`
			NumClass   string `json:"num_class"`
			NumFeature string `json:"num_feature"`
			NumTarget  string `json:"num_target"`
		} `json:"learner_model_param"`
		Objective struct {
			Name string `json:"name"`
		} `json:"objective"`
	} `json:"learner"`
}

type xgbDart struct {
	Model xgbTrees `json:"model"`
}

type xgbTrees struct {
	Trees []xgbTree `json:"trees"`
}

type xgbTree struct {
	Left        []int32       `json:"left_children"`
	Right       []int32       `json:"right_children"`
	Feature     []int32       `json:"split_indices"`
	Condition   []json.Number `json:"split_conditions"`
	Default     []xgbFlag     `json:"default_left"`
	Type        []xgbFlag     `json:"split_type"`
	Cover       []json.Number `json:"sum_hessian"`
	Gain        []json.Number `json:"loss_changes"`
	Categories  []int64       `json:"categories"`
	CatNodes    []int32       `json:"categories_nodes"`
	CatSegments []int64       `json:"categories_segments"`
	CatSizes    []int64       `json:"categories_sizes"`
}

// xgbFlag is 0, 1, false or true.
type xgbFlag bool

// UnmarshalJSON takes numbers and booleans.
func (f *xgbFlag) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case "0", "false":
		*f = false
	case "1", "true":
		*f = true
	default:
		return fail(InvalidModel, "a flag is %.20q: 0 or 1 is expected", text)
	}
	return nil
}

// ReadXGBoost reads a model that XGBoost saved as JSON (save_model of a name
// that ends in .json), versions 1.0 to 3. Trees of one output are read, of the
// boosters gbtree and dart. XGBoost compares numbers of 32 bits; thresholds are
// moved so that comparing those of 64 bits decides as it does, for every number.
// Its sums are of 32 bits and therefore differ by about 1e-7 of theirs.
func ReadXGBoost(r io.Reader) (*Model, error) {
	text, err := readLimited(r)
	if err != nil {
		return nil, err
	}
	var x xgbModel
	if err := json.Unmarshal(text, &x); err != nil {
		return nil, fail(InvalidModel, "this is not an XGBoost model in JSON (save it with a name that ends in .json): %v", err)
	}
	l := &x.Learner
	trees := l.Booster.Model.Trees
	switch l.Booster.Name {
	case "gbtree":
	case "dart":
		if l.Booster.Dart == nil || len(l.Booster.WeightDrop) != len(l.Booster.Dart.Model.Trees) {
			return nil, fail(InvalidModel, "the dart booster has no trees or not one weight each")
		}
		trees = l.Booster.Dart.Model.Trees
	default:
		return nil, fail(UnsupportedModel, "the booster is %q: only gbtree and dart are read", l.Booster.Name)
	}
	if outputs(l.Param.NumClass) > 1 || outputs(l.Param.NumTarget) > 1 {
		return nil, fail(UnsupportedModel, "the model has several outputs: train one for each")
	}
	m := &Model{objective: l.Objective.Name, steepness: 1}
	if m.features, err = xgbFeatures(&x); err != nil {
		return nil, err
	}
	if err := m.xgbLink(l.Objective.Name, l.Param.BaseScore); err != nil {
		return nil, err
	}
	if len(trees) > maxTrees {
		return nil, fail(InvalidModel, "%d trees, at most %d", len(trees), maxTrees)
	}
	for i := range trees {
		t, err := trees[i].convert(m.features)
		if err != nil {
			return nil, inTree(i, err)
		}
		if l.Booster.Dart != nil {
			t.multiply(l.Booster.WeightDrop[i])
		}
		m.trees = append(m.trees, t)
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	return m, nil
}

// inTree says in which tree an error is.
func inTree(i int, err error) error {
	var e *Error
	if errors.As(err, &e) {
		return fail(e.Reason, "tree %d: %s", i, e.Message)
	}
	return fail(InvalidModel, "tree %d: %v", i, err)
}

func outputs(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

// multiply scales a tree's leaves.
func (t *tree) multiply(by float64) {
	for i := range t.nodes {
		if n := &t.nodes[i]; n.feature < 0 {
			n.threshold *= by
		}
	}
}

func xgbFeatures(x *xgbModel) ([]Feature, error) {
	l := &x.Learner
	n, err := strconv.Atoi(l.Param.NumFeature)
	if err != nil || n < 0 || n > maxFeatures {
		return nil, fail(InvalidModel, "num_feature is %.20q: a number up to %d is expected", l.Param.NumFeature, maxFeatures)
	}
	if len(l.FeatureNames) != 0 && len(l.FeatureNames) != n {
		return nil, fail(InvalidModel, "%d feature names for %d features", len(l.FeatureNames), n)
	}
	list := make([]Feature, n)
	for i := range list {
		list[i].Name = "f" + strconv.Itoa(i)
		if len(l.FeatureNames) == n {
			list[i].Name = l.FeatureNames[i]
		}
		list[i].Category = i < len(l.FeatureTypes) && l.FeatureTypes[i] == "c"
	}
	return list, nil
}

// xgbLink reads the objective and the base score, which is on the scale of
// predictions.
func (m *Model) xgbLink(objective, base string) error {
	v, err := strconv.ParseFloat(strings.Trim(base, "[]"), 32)
	if err != nil {
		return fail(InvalidModel, "base_score is %.20q", base)
	}
	name, _, _ := strings.Cut(objective, ":")
	switch objective {
	case "binary:logistic", "reg:logistic":
		m.link = logistic
	case "count:poisson", "reg:gamma", "reg:tweedie":
		m.link = logLink
	case "reg:squarederror", "reg:linear", "reg:absoluteerror", "reg:quantileerror", "reg:pseudohubererror", "binary:logitraw", "binary:hinge":
		m.link = identity
	default:
		if name != "rank" {
			return fail(UnsupportedModel, "the objective %.40q is not known", objective)
		}
		m.link = identity
	}
	switch {
	case m.link == logLink:
		v = math.Log(v)
	case m.link == logistic || objective == "binary:logitraw":
		v = math.Log(v / (1 - v))
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return fail(InvalidModel, "base_score %.20q does not go with the objective %s", base, objective)
	}
	m.base = v
	return nil
}

// convert makes a tree of an XGBoost tree.
func (x *xgbTree) convert(features []Feature) (tree, error) {
	n := len(x.Left)
	if n == 0 || n > maxNodes {
		return tree{}, fail(InvalidModel, "%d nodes, between 1 and %d are read", n, maxNodes)
	}
	for _, l := range []int{len(x.Right), len(x.Feature), len(x.Condition), len(x.Default), len(x.Cover)} {
		if l != n {
			return tree{}, fail(InvalidModel, "lists of %d and %d nodes", n, l)
		}
	}
	t := tree{nodes: make([]node, n), cover: make([]float64, n), gain: make([]float64, n)}
	sets, err := x.sets()
	if err != nil {
		return tree{}, err
	}
	for i := range n {
		condition, err := number32(x.Condition[i])
		if err != nil {
			return tree{}, err
		}
		if t.cover[i], err = number32(x.Cover[i]); err != nil {
			return tree{}, err
		}
		out := &t.nodes[i]
		*out = node{threshold: condition, feature: -1, set: -1}
		if x.Left[i] < 0 {
			continue
		}
		if f := x.Feature[i]; f < 0 || int(f) >= len(features) {
			return tree{}, fail(InvalidModel, "node %d splits on feature %d of %d", i, f, len(features))
		}
		out.feature, out.left, out.right = x.Feature[i], x.Left[i], x.Right[i]
		out.missingLeft = bool(x.Default[i])
		out.threshold = below32(condition)
		if i < len(x.Gain) {
			if t.gain[i], err = number32(x.Gain[i]); err != nil {
				return tree{}, err
			}
		}
		if codes, there := sets[int32(i)]; there || (i < len(x.Type) && bool(x.Type[i])) {
			out.set, out.threshold = int32(len(t.sets)), 0 // the set goes right
			t.sets = append(t.sets, newCodeSet(codes))
		}
	}
	return t.ordered()
}

// sets are the categories of the nodes that have some.
func (x *xgbTree) sets() (map[int32][]int32, error) {
	if len(x.CatNodes) != len(x.CatSegments) || len(x.CatNodes) != len(x.CatSizes) {
		return nil, fail(InvalidModel, "lists of categories of different lengths")
	}
	sets := make(map[int32][]int32, len(x.CatNodes))
	for i, at := range x.CatNodes {
		from, size := x.CatSegments[i], x.CatSizes[i]
		if from < 0 || size < 0 || from > int64(len(x.Categories)) || size > int64(len(x.Categories))-from {
			return nil, fail(InvalidModel, "categories of node %d lie outside the list", at)
		}
		codes := make([]int32, 0, size)
		for _, c := range x.Categories[from : from+size] {
			if c < 0 || c > maxCategory {
				return nil, fail(InvalidModel, "category %d of node %d", c, at)
			}
			codes = append(codes, int32(c))
		}
		sets[at] = codes
	}
	return sets, nil
}

func number32(text json.Number) (float64, error) {
	v, err := strconv.ParseFloat(string(text), 32)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fail(InvalidModel, "%.30q is not a number of 32 bits", string(text))
	}
	return v, nil
}

// below32 is the largest number that, rounded to 32 bits, is less than t: x <
// t of 32 bits is x <= below32(t) of 64.
func below32(t float64) float64 {
	high := float32(t)
	low := math.Nextafter32(high, float32(math.Inf(-1)))
	if math.IsInf(float64(low), -1) {
		return -math.MaxFloat64
	}
	if high == 0 {
		low = -math.SmallestNonzeroFloat32
	}
	mid := (float64(low) + float64(high)) / 2 // exact
	if float64(float32(mid)) < t {
		return mid
	}
	return math.Nextafter(mid, math.Inf(-1))
}
