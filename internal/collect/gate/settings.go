package gate

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/dangol/dangol/internal/kit/fault"
)

// settings answers what analytics.js asks its CDN: where to send, and that there is nothing else to load. So a page need
// only be told this host as its CDN.
func (g *Gate) settings(w http.ResponseWriter, r *http.Request) {
	key := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, settingsPrefix), settingsSuffix)
	if _, err := g.keys.source(r.Context(), key); err != nil {
		if fault.CodeOf(err) == fault.Unauthenticated {
			err = fault.New(fault.NotFound, "gate.unknown_project", "there is no such write key").Then("Make one with `dangol key create NAME --scope collect`.")
		}
		g.refuse(w, err)
		return
	}
	protocol := "http"
	if r.TLS != nil || g.o.Forwarded && strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") {
		protocol = "https"
	}
	on := map[string]any{"__default": map[string]any{"enabled": true, "integrations": map[string]any{}}}
	body, err := json.Marshal(map[string]any{
		"integrations": map[string]any{"Segment.io": map[string]any{
			"apiKey": key, "apiHost": r.Host + "/v1", "protocol": protocol, "unbundledIntegrations": []string{}, "addBundledMetadata": false,
			"versionSettings": map[string]any{"version": "4.4.7", "componentTypes": []string{"browser"}},
		}},
		"plan":                 map[string]any{"track": on, "identify": on, "group": on},
		"edgeFunction":         map[string]any{},
		"enabledMiddleware":    map[string]any{},
		"middlewareSettings":   map[string]any{},
		"remotePlugins":        []any{},
		"metrics":              map[string]any{"sampleRate": 0},
		"analyticsNextEnabled": true, "legacyVideoPluginsEnabled": false,
	})
	if err != nil {
		g.refuse(w, err)
		return
	}
	w.Header()["Content-Type"] = jsonType
	w.Header().Set("Cache-Control", "public, max-age=10")
	_, _ = w.Write(body)
}
