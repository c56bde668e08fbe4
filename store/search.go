package store

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"bellhop/app"
)

// matchWords turns what the user typed into a query of the full-text index: all
// words must occur, the last one may be a beginning unless a space follows it.
// Every input is valid; the words are quoted, so that nothing in them is an
// operator. It is empty where there is nothing to look for.
func matchWords(typed string) string {
	typed = strings.ToValidUTF8(strings.ReplaceAll(typed, "\x00", " "), " ")
	// A word without a letter or digit has no token and would match nothing.
	words := slices.DeleteFunc(strings.Fields(typed), func(w string) bool {
		return !strings.ContainsFunc(w, isToken)
	})
	if len(words) == 0 {
		return ""
	}
	words = words[:min(len(words), wordsMax)]
	for i, w := range words {
		words[i] = `"` + strings.ReplaceAll(w, `"`, `""`) + `"`
	}
	return strings.Join(words, " AND ") + "*"
}

// wordsMax bounds a query; each word costs a walk through the index.
const wordsMax = 16

// isToken says whether the index's tokenizer (unicode61) sees r as part of a
// word.
func isToken(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Co, r)
}

// walk yields candidates for a filter, newest first, a chunk at a time.
type walk interface {
	below(ctx context.Context, q querier, id app.AlertID, n int) ([]app.AlertID, error)
}

// wordWalk walks what matches a full-text query. The index is read by rowid,
// never by rank: ranking reads every match.
type wordWalk struct{ match string }

func (w wordWalk) below(ctx context.Context, q querier, id app.AlertID, n int) ([]app.AlertID, error) {
	return idsOf(q.query(ctx, `SELECT rowid FROM alert_words WHERE alert_words MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?`, w.match, id, n))
}

// sourceWalk walks the alerts with one source.
type sourceWalk struct {
	heads  []head
	source string
}

func (w sourceWalk) below(ctx context.Context, q querier, id app.AlertID, n int) ([]app.AlertID, error) {
	var out []app.AlertID
	for _, h := range w.heads {
		ids, err := idsOf(q.query(ctx, `SELECT id FROM alerts WHERE account = ? AND source = ? AND id < ? ORDER BY id DESC LIMIT ?`, h.account, w.source, id, n))
		if err != nil {
			return nil, err
		}
		out = append(out, ids...)
	}
	slices.SortFunc(out, newestFirst)
	return out[:min(n, len(out))], nil
}

// sift keeps of a walk's candidates what the filter asks for. Where a chunk had
// nothing, the walk jumps to the next id in the view: a short list under a long
// history is found without reading the history.
func sift(ctx context.Context, q querier, f app.Filter, heads []head, w walk, below app.AlertID, n int) ([]app.AlertID, error) {
	var out []app.AlertID
	for chunk := n; ; chunk = min(2*chunk, pageMax) {
		ids, err := w.below(ctx, q, below, chunk)
		if err != nil || len(ids) == 0 {
			return out, err
		}
		kept, err := keep(ctx, q, f, heads, ids)
		if err != nil {
			return nil, err
		}
		out = append(out, kept...)
		if len(out) >= n || len(ids) < chunk {
			return out[:min(n, len(out))], nil
		}
		below = ids[len(ids)-1]
		if len(kept) == 0 {
			next, err := members(ctx, q, f.View, heads, below, 1)
			if err != nil || len(next) == 0 {
				return out, err
			}
			below = next[0] + 1
		}
	}
}

// keep returns which of ids are of the accounts, in the view, and of the source
// that the filter asks for.
func keep(ctx context.Context, q querier, f app.Filter, heads []head, ids []app.AlertID) ([]app.AlertID, error) {
	set := newIDSet(ids...)
	ours := make(idSet)
	in := make(idSet)
	for _, h := range heads {
		among, _, err := listedAmong(ctx, q, h.account, set)
		if err != nil {
			return nil, err
		}
		in.union(among)
		if f.View == app.ViewList {
			continue
		}
		of, err := idsOf(q.query(ctx, `SELECT id FROM alerts WHERE account = ? AND id IN (SELECT value FROM json_each(?))`, h.account, jsonIDs(ids)))
		if err != nil {
			return nil, err
		}
		ours.union(newIDSet(of...))
	}
	switch f.View {
	case app.ViewList:
		ours = in
	case app.ViewHistory:
		ours = ours.minus(in)
	case app.ViewEverything:
	}
	if f.Source != "" {
		of, err := idsOf(q.query(ctx, `SELECT id FROM alerts WHERE source = ? AND id IN (SELECT value FROM json_each(?))`, f.Source, jsonIDs(ids)))
		if err != nil {
			return nil, err
		}
		ours = ours.and(newIDSet(of...))
	}
	return slices.DeleteFunc(ids, func(id app.AlertID) bool { return !ours.has(id) }), nil
}
