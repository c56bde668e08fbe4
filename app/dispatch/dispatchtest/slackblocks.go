package dispatchtest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// length counts characters as UTF-16 does.
func length(s string) int { return len(utf16.Encode([]rune(s))) }

// readBlocks checks text and blocks against Slack's limits and returns the
// texts that the blocks show.
func readBlocks(form url.Values) ([]string, error) {
	text := form.Get("text")
	if length(text) > 40_000 {
		return nil, &slackError{"msg_too_long", fmt.Sprint(length(text))}
	}
	if !utf8.ValidString(text) {
		return nil, &slackError{"invalid_arguments", "not UTF-8"}
	}
	raw := form.Get("blocks")
	if raw == "" {
		if strings.TrimSpace(text) == "" {
			return nil, &slackError{"no_text", ""}
		}
		return nil, nil
	}
	var blocks []map[string]any
	if err := json.Unmarshal([]byte(raw), &blocks); err != nil {
		return nil, &slackError{"invalid_blocks_format", err.Error()}
	}
	if len(blocks) > 50 {
		return nil, &slackError{"invalid_blocks", fmt.Sprintf("%d blocks", len(blocks))}
	}
	if length(raw) > 13_200 {
		return nil, &slackError{"msg_blocks_too_long", fmt.Sprint(length(raw))}
	}
	var shown []string
	for i, b := range blocks {
		texts, err := readBlock(b)
		if err != nil {
			return nil, &slackError{"invalid_blocks", fmt.Sprintf("block %d: %v", i, err)}
		}
		shown = append(shown, texts...)
	}
	return shown, nil
}

func readBlock(b map[string]any) ([]string, error) {
	switch b["type"] {
	case "header":
		s, err := textObject(b["text"], 150, "plain_text")
		return []string{s}, err
	case "section":
		return readSection(b)
	case "context":
		list, _ := b["elements"].([]any)
		if len(list) == 0 || len(list) > 10 {
			return nil, fmt.Errorf("a context of %d elements", len(list))
		}
		return textObjects(list, 3000)
	case "divider":
		return nil, nil
	default:
		return nil, fmt.Errorf("the type %v is not known here", b["type"])
	}
}

func readSection(b map[string]any) ([]string, error) {
	var shown []string
	if b["text"] != nil {
		s, err := textObject(b["text"], 3000, "plain_text", "mrkdwn")
		if err != nil {
			return nil, err
		}
		shown = append(shown, s)
	}
	if b["fields"] != nil {
		list, _ := b["fields"].([]any)
		if len(list) == 0 || len(list) > 10 {
			return nil, fmt.Errorf("a section of %d fields", len(list))
		}
		more, err := textObjects(list, 2000)
		if err != nil {
			return nil, err
		}
		shown = append(shown, more...)
	}
	if len(shown) == 0 {
		return nil, fmt.Errorf("a section without text")
	}
	return shown, nil
}

func textObjects(list []any, limit int) ([]string, error) {
	var shown []string
	for _, v := range list {
		s, err := textObject(v, limit, "plain_text", "mrkdwn")
		if err != nil {
			return nil, err
		}
		shown = append(shown, s)
	}
	return shown, nil
}

func textObject(v any, limit int, kinds ...string) (string, error) {
	o, _ := v.(map[string]any)
	s, ok := o["text"].(string)
	kind, _ := o["type"].(string)
	known := false
	for _, k := range kinds {
		known = known || k == kind
	}
	switch {
	case !ok || !known:
		return "", fmt.Errorf("%v is no text of %v", v, kinds)
	case s == "" || strings.TrimSpace(s) == "":
		return "", fmt.Errorf("a text without characters")
	case length(s) > limit:
		return "", fmt.Errorf("%d characters, %d are allowed", length(s), limit)
	case kind == "plain_text" && o["verbatim"] != nil, kind == "mrkdwn" && o["emoji"] != nil:
		return "", fmt.Errorf("%s has no such property: %v", kind, o)
	case kind == "plain_text":
		return "plain:" + s, nil
	}
	return s, nil
}

// Mrkdwn reads a text as Slack does: what a reader sees, and what is active in
// it, that is links by their address and mentions as they are written.
func Mrkdwn(s string) (seen string, active []string) {
	var b strings.Builder
	for s != "" {
		open := strings.IndexByte(s, '<')
		if open < 0 {
			b.WriteString(s)
			break
		}
		b.WriteString(s[:open])
		end := strings.IndexByte(s[open:], '>')
		if end < 0 {
			b.WriteString(s[open:])
			break
		}
		to, label, labelled := strings.Cut(s[open+1:open+end], "|")
		active = append(active, unescape(to))
		if !labelled {
			label = to
		}
		b.WriteString(label)
		s = s[open+end+1:]
	}
	return unescape(b.String()), active
}

func unescape(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

// ReadSlack reads the form of a message as Slack does and says what is wrong
// with it; it returns the texts of the blocks.
func ReadSlack(form url.Values) ([]string, error) { return readBlocks(form) }
