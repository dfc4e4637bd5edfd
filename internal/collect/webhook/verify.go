package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/kit/fault"
)

// wooPing is what WooCommerce sends, unsigned, when a webhook is saved; it tells nothing.
var wooPing = regexp.MustCompile(`^webhook_id=[0-9]+$`)

func (h *Hook) isPing(header http.Header, body []byte) bool {
	return h.Kind == WooCommerce && header.Get("X-WC-Webhook-Signature") == "" && wooPing.Match(body)
}

// verify makes sure that who sent the body knows the secret.
func (h *Hook) verify(header http.Header, body []byte, now time.Time) error {
	switch h.Kind {
	case Shopify:
		return h.signed(header, "X-Shopify-Hmac-Sha256", "base64", body)
	case WooCommerce:
		return h.signed(header, "X-WC-Webhook-Signature", "base64", body)
	case Cafe24: // sends its key as it is
		if given := header.Get("X-API-Key"); given == "" || subtle.ConstantTimeCompare([]byte(digest(given)), []byte(digest(h.secret))) != 1 {
			return refused("X-API-Key", "Copy the webhook's API key of the app from Cafe24 Developers into the hook's secret.")
		}
		return nil
	case Generic:
		return h.verifyGeneric(header, body, now)
	}
	return refused("", "Make the hook anew.")
}

// digest makes two texts of any length as long as each other, so that comparing them tells nothing of either.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return string(sum[:])
}

func (h *Hook) signed(header http.Header, name, encoding string, body []byte) error {
	if !h.matches(header.Get(name), encoding, body) {
		return refused(name, "Copy the secret from the shop's webhook settings into the hook's secret; it may have been changed.")
	}
	return nil
}

func refused(header, next string) error {
	return fault.New(fault.Unauthenticated, "webhook.bad_signature", "the delivery is not signed with this hook's secret").At(fault.Place{Field: header}).Then(next)
}

// matches compares without telling by its time how much of the signature is right.
func (h *Hook) matches(given, encoding string, parts ...[]byte) bool {
	var signature []byte
	var err error
	if encoding == "base64" {
		signature, err = base64.StdEncoding.DecodeString(given)
	} else {
		signature, err = hex.DecodeString(given)
	}
	if err != nil || len(signature) == 0 || h.secret == "" {
		return false
	}
	mac := hmac.New(sha256.New, []byte(h.secret))
	for _, p := range parts {
		_, _ = mac.Write(p)
	}
	return hmac.Equal(signature, mac.Sum(nil))
}

func (h *Hook) verifyGeneric(header http.Header, body []byte, now time.Time) error {
	s := &h.plan.mapping.Signature
	given, listed := header.Get(s.Header), map[string]string{}
	for part := range strings.SplitSeq(given, ",") {
		if k, v, ok := strings.Cut(strings.TrimSpace(part), "="); ok {
			listed[k] = v
		}
	}
	next := "Sign the body with HMAC-SHA256 under the hook's secret, and send it in the header " + s.Header + "."
	signature, ok := strings.CutPrefix(given, s.Prefix)
	if name, is := strings.CutSuffix(s.Prefix, "="); is && strings.Contains(given, ",") {
		signature, ok = listed[name]
	}
	if !ok {
		return refused(s.Header, next)
	}
	timestamp := ""
	if strings.Contains(s.Signed, "{timestamp}") {
		if timestamp = listed["t"]; s.TimestampHeader != "" {
			timestamp = header.Get(s.TimestampHeader)
		}
	}
	before, after, _ := strings.Cut(strings.ReplaceAll(s.Signed, "{timestamp}", timestamp), "{body}")
	if !h.matches(signature, s.Encoding, []byte(before), body, []byte(after)) {
		return refused(s.Header, next)
	}
	if !strings.Contains(s.Signed, "{timestamp}") {
		return nil
	}
	at, err := readTime(timestamp, "auto", time.UTC)
	if age := now.Sub(at); err != nil || age > time.Duration(s.ToleranceS)*time.Second || age < -time.Duration(s.ToleranceS)*time.Second {
		return fault.New(fault.Unauthenticated, "webhook.stale", "the delivery's time is too far from now, so that it may be an old one sent again").
			At(fault.Place{Field: s.TimestampHeader, Value: timestamp}).Then("Set the sender's clock right, and sign each delivery when it is sent.")
	}
	return nil
}
