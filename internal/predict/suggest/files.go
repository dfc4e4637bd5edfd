package suggest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/dangol/dangol/internal/predict/records"
	"github.com/dangol/dangol/models/recommend"
)

// Folder is the name of the folder of models within the data folder.
const Folder = "models"

// body is what the record of a model holds of it: its files, with what they must be.
type body struct {
	Files []file `json:"files"`
	Share int    `json:"share"` // of the customers, in parts, that the model has learnt from
}

type file struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

func modelName(version int64) string    { return fmt.Sprintf("recommend-%d.model", version) }
func togetherName(version int64) string { return fmt.Sprintf("recommend-%d.together", version) }
func listsName(version int64) string    { return fmt.Sprintf("recommend-%d.lists", version) }

// replace puts a file where one may be, whole or not at all, and says what is in it.
func replace(path string, write func(io.Writer) error) (f file, err error) {
	next := path + ".next"
	to, err := os.OpenFile(next, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return f, fmt.Errorf("keep the model: %w", err)
	}
	sum := sha256.New()
	counting := &counted{w: io.MultiWriter(to, sum)}
	err = write(counting)
	if err = errors.Join(err, to.Sync(), to.Close()); err == nil {
		err = os.Rename(next, path)
	}
	if err != nil {
		return f, errors.Join(fmt.Errorf("keep the model: %w", err), os.RemoveAll(next))
	}
	return file{filepath.Base(path), hex.EncodeToString(sum.Sum(nil)), counting.n}, syncFolder(filepath.Dir(path))
}

type counted struct {
	w io.Writer
	n int64
}

// Write counts.
func (c *counted) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// keep writes the files of a model under its next version, then its record, and lets it answer.
func (s *Service) keep(ctx context.Context, t *trial) (*brain, error) {
	if err := os.MkdirAll(s.folder, 0o700); err != nil {
		return nil, fmt.Errorf("keep the model: %w", err)
	}
	version, err := s.next(ctx)
	if err != nil {
		return nil, err
	}
	pairs := partners(t.pairs, t.model)
	b := body{Share: t.share}
	for name, write := range map[string]func(io.Writer) error{
		modelName(version):    func(w io.Writer) error { _, err := t.model.WriteTo(w); return err },
		togetherName(version): func(w io.Writer) error { return json.NewEncoder(w).Encode(pairs) },
	} {
		f, err := replace(filepath.Join(s.folder, name), write)
		if err != nil {
			return nil, err
		}
		b.Files = append(b.Files, f)
	}
	card, err := json.Marshal(t.card)
	if err != nil {
		return nil, err
	}
	summary, err := json.Marshal(t.card.summary())
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	kept, forgotten, err := s.records.Save(ctx, records.Record{
		Kind: records.Recommend, TrainedAt: t.card.TrainedAt, AsOf: t.card.AsOf, Seed: t.seed, Active: true, Summary: summary, Card: card, Body: text,
	})
	if err != nil {
		return nil, fmt.Errorf("keep the model: %w", err)
	}
	if kept != version {
		return nil, fmt.Errorf("keep the model: version %d was taken meanwhile", version)
	}
	for _, v := range forgotten {
		s.drop(v)
	}
	return newBrain(version, t.card.AsOf, t.share, t.model, pairs, t.goods), nil
}

// next is the version that the records give next. One model is trained at a time.
func (s *Service) next(ctx context.Context) (int64, error) {
	list, err := s.records.List(ctx, records.Recommend)
	if err != nil {
		return 0, err
	}
	version := int64(1)
	for _, r := range list {
		version = max(version, r.Version+1)
	}
	return version, nil
}

// drop removes the files of a version that is forgotten; what cannot be removed is only in the way.
func (s *Service) drop(version int64) {
	for _, name := range []string{modelName(version), togetherName(version), listsName(version)} {
		if err := os.RemoveAll(filepath.Join(s.folder, name)); err != nil {
			s.log.Warn("a file of an old model stays", "file", name, "error", err.Error())
		}
	}
}

// load reads the files of a record and makes sure that they are those that were written.
func (s *Service) load(ctx context.Context, r *records.Record) (*brain, error) {
	var b body
	if err := json.Unmarshal(r.Body, &b); err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	content := map[string][]byte{}
	for _, f := range b.Files {
		text, err := os.ReadFile(filepath.Join(s.folder, filepath.Base(f.Name)))
		if err != nil {
			return nil, err
		}
		if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != f.SHA256 {
			return nil, fmt.Errorf("%w: %s", errDamaged, f.Name)
		}
		content[f.Name] = text
	}
	m, err := recommend.Read(bytes.NewReader(content[modelName(r.Version)]))
	if err != nil {
		return nil, err
	}
	var pairs [][]partner
	if err := json.Unmarshal(content[togetherName(r.Version)], &pairs); err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	reading, err := s.warehouse.Read(ctx)
	if err != nil {
		return nil, err
	}
	defer reading.Close()
	g, err := readGoods(ctx, reading)
	if err != nil {
		return nil, err
	}
	return newBrain(r.Version, r.AsOf, b.Share, m, pairs, g), nil
}
