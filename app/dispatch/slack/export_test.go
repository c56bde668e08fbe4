package slack

import (
	"context"
	"encoding/json"
	"net/url"

	"bellhop/app/dispatch"
)

// Compose returns text and blocks as the form in which they are posted.
func Compose(ctx context.Context, m *dispatch.Message) url.Values {
	text, blocks := (&Channel{}).compose(ctx, m)
	raw, _ := json.Marshal(blocks)
	return url.Values{"text": {text}, "blocks": {string(raw)}}
}
