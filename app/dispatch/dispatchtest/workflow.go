package dispatchtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Workflow is a workflow of Microsoft Teams that shows what it was sent, and
// refuses what Teams would not show: a real one says 202 before it knows.
type Workflow struct {
	// Sig is the signature that its URL has to carry; "" = any.
	Sig string
	// Answer is the status of success; 0 = 202.
	Answer int

	mu    sync.Mutex
	cards []Card
}

// teamsLimit is what Teams takes after it has added its own properties to a
// request, and teamsAdds is what it was seen to add (msteams-docs#11274).
const (
	teamsLimit = 28 * 1024
	teamsAdds  = 28_897 - 24_453
)

// Card is a card as a workflow took it.
type Card struct {
	Size  int            // of the request, in bytes
	Whole map[string]any // the Adaptive Card
	// Texts are what its text blocks and facts show, still as Markdown.
	Texts []string
	// Links are the addresses of its buttons.
	Links []string
}

// Cards returns the cards taken so far.
func (w *Workflow) Cards() []Card {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.cards)
}

// ServeHTTP takes a card.
func (w *Workflow) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if w.Sig != "" && r.URL.Query().Get("sig") != w.Sig {
		rw.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(rw, `{"error":{"code":"DirectApiAuthorizationRequired","message":"The request must be authenticated only by Shared Access scheme."}}`)
		return
	}
	card, err := readCard(r)
	if err != nil {
		rw.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(rw, `{"error":{"code":"TriggerInputSchemaMismatch","message":%q}}`, err.Error())
		return
	}
	w.mu.Lock()
	w.cards = append(w.cards, card)
	w.mu.Unlock()
	if w.Answer != 0 {
		rw.WriteHeader(w.Answer)
		return
	}
	rw.WriteHeader(http.StatusAccepted)
}

func readCard(r *http.Request) (Card, error) {
	if r.Method != http.MethodPost {
		return Card{}, errors.New("not a POST")
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return Card{}, fmt.Errorf("the content is %q", kind)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return Card{}, err
	}
	return ReadCard(body)
}

// ReadCard reads a request as Teams does and says what is wrong with it.
func ReadCard(body []byte) (Card, error) {
	if len(body)+teamsAdds > teamsLimit {
		return Card{}, fmt.Errorf("%d bytes are too many", len(body))
	}
	var message struct {
		Type        string
		Attachments []struct {
			ContentType string
			Content     map[string]any
		}
	}
	if err := json.Unmarshal(body, &message); err != nil {
		return Card{}, err
	}
	if message.Type != "message" || len(message.Attachments) != 1 || message.Attachments[0].ContentType != "application/vnd.microsoft.card.adaptive" {
		return Card{}, errors.New("not a message with one adaptive card")
	}
	c := Card{Size: len(body), Whole: message.Attachments[0].Content}
	if c.Whole["type"] != "AdaptiveCard" || c.Whole["version"] != "1.4" {
		return Card{}, fmt.Errorf("a %v of version %v", c.Whole["type"], c.Whole["version"])
	}
	return c, c.element(c.Whole)
}

// cardElements are the properties of the elements that are known here, of
// Adaptive Cards 1.4.
var cardElements = map[string][]string{
	"AdaptiveCard":   {"$schema", "version", "fallbackText", "body", "actions", "msteams"},
	"TextBlock":      {"text", "wrap", "weight", "size", "isSubtle", "spacing", "color", "maxLines", "separator"},
	"Container":      {"items", "style", "bleed", "spacing", "separator"},
	"FactSet":        {"facts", "spacing", "separator"},
	"Action.OpenUrl": {"title", "url"},
}

var cardEnums = map[string][]string{
	"style":   {"default", "emphasis", "good", "attention", "warning", "accent"},
	"weight":  {"Lighter", "Default", "Bolder"},
	"size":    {"Default", "Small", "Medium", "Large", "ExtraLarge"},
	"spacing": {"None", "Small", "Default", "Medium", "Large", "ExtraLarge", "Padding"},
}

func (c *Card) element(e map[string]any) error {
	kind, _ := e["type"].(string)
	known, ok := cardElements[kind]
	if !ok {
		return fmt.Errorf("an element of the unknown type %q", kind)
	}
	for name, value := range e {
		if name == "type" {
			continue
		}
		if !slices.Contains(known, name) {
			return fmt.Errorf("%s has no %s", kind, name)
		}
		if allowed, ok := cardEnums[name]; ok && !slices.Contains(allowed, fmt.Sprint(value)) {
			return fmt.Errorf("%s cannot have the %s %v", kind, name, value)
		}
	}
	switch kind {
	case "TextBlock":
		return c.text(e["text"])
	case "FactSet":
		return c.facts(e["facts"])
	case "Action.OpenUrl":
		to, _ := e["url"].(string)
		title, _ := e["title"].(string)
		u, err := url.Parse(to)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || title == "" {
			return fmt.Errorf("a button %q that leads to %q", title, to)
		}
		c.Links = append(c.Links, to)
	}
	for _, name := range []string{"body", "items", "actions"} {
		value, ok := e[name]
		if !ok {
			continue
		}
		list, ok := value.([]any)
		if !ok || len(list) == 0 {
			return fmt.Errorf("%s has no %s", kind, name)
		}
		if name == "actions" && len(list) > 6 {
			return errors.New("more than six buttons")
		}
		for _, v := range list {
			child, ok := v.(map[string]any)
			if !ok {
				return fmt.Errorf("%s holds a %T", name, v)
			}
			if isAction := strings.HasPrefix(fmt.Sprint(child["type"]), "Action."); isAction != (name == "actions") {
				return fmt.Errorf("a %v among the %s", child["type"], name)
			}
			if err := c.element(child); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Card) text(v any) error {
	s, ok := v.(string)
	if !ok || strings.TrimSpace(s) == "" {
		return errors.New("a text block without text")
	}
	c.Texts = append(c.Texts, s)
	return nil
}

func (c *Card) facts(v any) error {
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return errors.New("a fact set without facts")
	}
	for _, v := range list {
		f, _ := v.(map[string]any)
		title, ok1 := f["title"].(string)
		value, ok2 := f["value"].(string)
		if !ok1 || !ok2 || len(f) != 2 || title == "" {
			return fmt.Errorf("a fact like %v", v)
		}
		c.Texts = append(c.Texts, value)
	}
	return nil
}
