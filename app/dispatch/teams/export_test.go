package teams

import (
	"context"

	"bellhop/app/dispatch"
)

// Encode returns the body of a message.
func Encode(ctx context.Context, m *dispatch.Message) ([]byte, error) {
	return (&Channel{}).encode(ctx, m)
}
