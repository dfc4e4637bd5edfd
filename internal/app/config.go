package app

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/dangol/dangol/internal/kit/fault"
)

// ConfigFile is the name of the settings file in the data folder.
const ConfigFile = "dangol.conf"

// Config is everything that can be set from outside; the zero value means the defaults.
type Config struct {
	Data  string // the data folder
	Addr  string // where to listen
	Store string // a postgres:// address, or empty for a file in the data folder
	Log   string // text or json
}

// Setting describes one entry of Config, for the manual and for reading it.
type Setting struct {
	Name    string // as in the file; the flag is --name
	Env     string
	Default string
	Doc     string
	Secret  bool // never by flag, which other users of the machine can see
	field   func(*Config) *string
}

// Settings lists what can be set, in the order of the manual.
func Settings() []Setting {
	return []Setting{
		{"data", "DANGOL_DATA", "./dangol-data", "The folder that holds everything Dangol knows. One process opens it at a time.", false, func(c *Config) *string { return &c.Data }},
		{"addr", "DANGOL_ADDR", "127.0.0.1:8080", "Where `serve` listens. On any address but loopback it starts only when an API key exists.", false, func(c *Config) *string { return &c.Addr }},
		{"store", "DANGOL_STORE", "", "The record store: empty for SQLite in the data folder, or postgres://user:password@host/database.", true, func(c *Config) *string { return &c.Store }},
		{"log", "DANGOL_LOG", "text", "How `serve` writes its log on standard error: text or json.", false, func(c *Config) *string { return &c.Log }},
	}
}

// Load completes the flags with the environment, the file DIR/dangol.conf and the defaults, in that order.
func Load(flags Config, env func(string) string) (Config, error) {
	c := flags
	settings := Settings()
	for _, s := range settings {
		if v := s.field(&c); *v == "" {
			*v = env(s.Env)
		}
	}
	if c.Data == "" {
		c.Data = settings[0].Default
	}
	file, err := readConfigFile(filepath.Join(c.Data, ConfigFile), settings)
	if err != nil {
		return c, err
	}
	for _, s := range settings {
		v := s.field(&c)
		if *v == "" {
			*v = file[s.Name]
		}
		if *v == "" {
			*v = s.Default
		}
	}
	return c, c.Validate()
}

func readConfigFile(path string, settings []Setting) (map[string]string, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	defer func() { _ = f.Close() }()
	values := map[string]string{}
	lines := bufio.NewScanner(f)
	for n := int64(1); lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		if !ok || name == "data" || !known(settings, name) {
			return nil, fault.New(fault.Invalid, "app.bad_setting", "this line of the settings file is not understood").
				At(fault.Place{File: path, Line: n, Value: line}).Then("Write `name = value` with one of: addr, store, log.")
		}
		values[name] = strings.TrimSpace(value)
	}
	return values, lines.Err()
}

func known(settings []Setting, name string) bool {
	for _, s := range settings {
		if s.Name == name {
			return true
		}
	}
	return false
}

// Validate reports the first setting that cannot work.
func (c Config) Validate() error {
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		return fault.New(fault.Invalid, "app.bad_address", "the address to listen on is not host:port").
			At(fault.Place{Field: "addr", Value: c.Addr}).Then("Write for example --addr 127.0.0.1:8080.")
	}
	if c.Log != "text" && c.Log != "json" {
		return fault.New(fault.Invalid, "app.bad_log", "the log is neither text nor json").
			At(fault.Place{Field: "log", Value: c.Log}).Then("Use --log text or --log json.")
	}
	return nil
}

// Loopback reports whether only this machine can reach the address.
func (c Config) Loopback() bool {
	host, _, err := net.SplitHostPort(c.Addr)
	return err == nil && isLoopback(host)
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

func (c Config) path(name string) string { return filepath.Join(c.Data, name) }

func (c Config) storeAddress() string {
	if c.Store != "" {
		return c.Store
	}
	return c.path("records.db")
}
