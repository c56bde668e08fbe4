package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"bellhop/app"
)

// wordsMax bounds a query; each word costs a walk through the index.
const wordsMax = 16

// search is what the user typed, made ready. Every input is valid.
type search struct {
	// exact is the query of the full-text index for the words that are whole,
	// empty where there is none.
	exact string
	// full is the query for all words, the beginning included.
	full string
	// rarest is the query for one token that is probably in few texts, or empty.
	rarest string
	// words are all of them, for reading texts without the index.
	words []phrase
	// typing is true where the last word may be a beginning.
	typing bool
}

// parseSearch splits what was typed. All words must occur. The last one may be
// a beginning, unless something that is no part of a word follows it.
func parseSearch(typed string) search {
	typed = strings.ToValidUTF8(strings.ReplaceAll(typed, "\x00", " "), " ")
	// A word without a letter or digit has no token and would match nothing.
	words := slices.DeleteFunc(strings.Fields(typed), func(w string) bool { return len(tokensOf(w)) == 0 })
	if len(words) == 0 {
		return search{}
	}
	words = words[:min(len(words), wordsMax)]
	out := search{words: make([]phrase, len(words)), typing: endsInWord(typed)}
	last := len(words) - 1
	var exact, full []string
	for i, w := range words {
		out.words[i] = phrase{tokens: tokensOf(w), open: out.typing && i == last}
		full = append(full, out.words[i].query())
		if !out.words[i].open {
			exact = append(exact, out.words[i].query())
		} else if before := out.words[i].tokens[:len(out.words[i].tokens)-1]; len(before) > 0 {
			exact = append(exact, phrase{tokens: before}.query())
		}
	}
	out.exact, out.full = strings.Join(exact, " AND "), strings.Join(full, " AND ")
	if out.rarest = rarest(out.words); out.rarest == out.full {
		out.rarest = ""
	}
	return out
}

// rarest returns the query for the token of words that is probably in few texts:
// the longest one with a digit, and of several the last, which in a number with
// parts says most. It is empty where nothing looks like most of a number: words
// are in many texts, and a beginning that fits many would be put together in
// vain.
func rarest(words []phrase) string {
	out, star := "", ""
	for _, w := range words {
		for i, token := range w.tokens {
			if len(token) >= max(numberMin, len(out)) && strings.ContainsAny(token, "0123456789") {
				out, star = token, ""
				if w.open && i == len(w.tokens)-1 {
					star = "*"
				}
			}
		}
	}
	if out == "" {
		return ""
	}
	return `"` + out + `"` + star
}

// numberMin is from which length on a token with a digit is looked for first: a
// shorter one is in one alert of a thousand or more.
const numberMin = 4

// rarest returns the longest token, the last one of several, or the one that is
// being typed.
func (p phrase) rarest() string {
	out := p.tokens[len(p.tokens)-1]
	if p.open {
		return out
	}
	for _, token := range slices.Backward(p.tokens) {
		if len(token) > len(out) {
			out = token
		}
	}
	return out
}

// query returns the full-text query for the phrase. Tokens are letters and
// digits alone, so that nothing in the quotes is an operator. A phrase is looked
// for where its rarest token is: each token of "CVE-2019-0012" but the last is in
// far more alerts than the three are together.
func (p phrase) query() string {
	whole, star := `"`+strings.Join(p.tokens, " ")+`"`, ""
	if p.open {
		star = "*"
	}
	if len(p.tokens) == 1 {
		return whole + star
	}
	return `"` + p.rarest() + `"` + star + " AND " + whole + star
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

// memberWalk walks a view.
type memberWalk struct {
	view  app.View
	heads []head
}

func (w memberWalk) below(ctx context.Context, q querier, id app.AlertID, n int) ([]app.AlertID, error) {
	return members(ctx, q, w.view, w.heads, id, n)
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

const (
	// readChunk is how many texts are read before it is known how rare a match is.
	readChunk = 100
	// readMax is up to how many more texts reading on is cheaper than asking
	// the index, which puts together every alert with any word that begins so.
	// With a million alerts that is about 60 ns for each of them and 3 µs for a
	// text, beside the 300 that were read before: what one alert in twenty has costs
	// 3 ms either way.
	readMax = 700
	// fewMax is up to how many texts with the rarest token are read instead of
	// having the index look where else the other tokens are: finding its place
	// in the list of a token that every alert has costs it as much as some texts.
	fewMax = 100
)

// find finds alerts by words. Words that are whole are the index's business.
// It has no beginnings of words but single letters (they would double its size
// and the time to fill it), and a short beginning fits so many words that
// collecting them takes a second for a million alerts. But what is that frequent
// is found soon by reading texts, of those with the words that are whole or of
// the newest, and what is not found soon is rare, which the index is good at.
func find(ctx context.Context, q querier, f app.Filter, heads []head, sought search, below app.AlertID, n int) ([]app.AlertID, error) {
	var out []app.AlertID
	if sought.typing {
		var w walk = memberWalk{f.View, heads}
		switch {
		case sought.exact != "":
			w = wordWalk{sought.exact}
		case f.Source != "":
			w = sourceWalk{heads, f.Source}
		}
		ids, next, err := read(ctx, q, f, heads, sought.words, w, below, n)
		if err != nil || next == 0 {
			return ids, err
		}
		out, below = ids, next
	}
	if sought.rarest != "" {
		ids, all, err := few(ctx, q, f, heads, sought, below, n-len(out))
		if err != nil || all {
			return append(out, ids...), err
		}
	}
	rest, err := sift(ctx, q, f, heads, wordWalk{sought.full}, below, n-len(out))
	return append(out, rest...), err
}

// few reads the texts with the rarest token where they are few; all is false,
// and nothing was found out, where they are not.
func few(ctx context.Context, q querier, f app.Filter, heads []head, sought search, below app.AlertID, n int) (out []app.AlertID, all bool, err error) {
	ids, err := wordWalk{sought.rarest}.below(ctx, q, below, fewMax+1)
	if err != nil || len(ids) > fewMax {
		return nil, false, err
	}
	if ids, err = withWords(ctx, q, ids, sought.words); err != nil {
		return nil, false, err
	}
	if ids, err = keep(ctx, q, f, heads, ids); err != nil {
		return nil, false, err
	}
	return ids[:min(n, len(ids))], true, nil
}

// read keeps of a walk's candidates those whose text has the words. It gives up
// where matches are too rare; next is then where to go on, else 0.
func read(ctx context.Context, q querier, f app.Filter, heads []head, words []phrase, w walk, below app.AlertID, n int) (out []app.AlertID, next app.AlertID, err error) {
	for seen, chunk := 0, readChunk; ; {
		ids, err := w.below(ctx, q, below, chunk)
		if err != nil || len(ids) == 0 {
			return out, 0, err
		}
		end := len(ids) < chunk
		below = ids[len(ids)-1]
		seen += len(ids)
		if ids, err = withWords(ctx, q, ids, words); err != nil {
			return nil, 0, err
		}
		if ids, err = keep(ctx, q, f, heads, ids); err != nil {
			return nil, 0, err
		}
		if out = append(out, ids...); len(out) >= n || end {
			return out[:min(n, len(out))], 0, nil
		}
		more := (n - len(out)) * seen / (len(out) + 1)
		if more > readMax {
			return out, below, nil
		}
		// A walk through the index is entered anew for each chunk.
		chunk = max(readChunk, more)
	}
}

// withWords returns which of ids have all words in their text, in their order.
func withWords(ctx context.Context, q querier, ids []app.AlertID, words []phrase) ([]app.AlertID, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	// Alerts that lie side by side are read in one go, which costs half.
	text, args := `SELECT id, title, description FROM alerts WHERE id BETWEEN ? AND ?`, []any{ids[len(ids)-1], ids[0]}
	if span := int(ids[0] - ids[len(ids)-1]); span > 2*len(ids) {
		text, args = `SELECT id, title, description FROM alerts WHERE id IN (SELECT value FROM json_each(?))`, []any{jsonIDs(ids)}
	}
	rows, err := q.query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	have := make(idSet)
	var buf []byte
	for rows.Next() {
		var id app.AlertID
		var title, description sql.RawBytes
		if err := rows.Scan(&id, &title, &description); err != nil {
			return nil, err
		}
		first, plainTitle := smallASCII(buf[:0], title)
		both, plain := smallASCII(append(first, 0), description) // no token spans the two
		buf = both
		if plain = plain && plainTitle; plain && slices.ContainsFunc(words, func(p phrase) bool { return !p.mayBeIn(both) }) {
			continue
		}
		if !slices.ContainsFunc(words, func(p phrase) bool { return !p.in(title) && !p.in(description) }) {
			have.add(id)
		}
	}
	return slices.DeleteFunc(ids, func(id app.AlertID) bool { return !have.has(id) }), rows.Err()
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
		end := len(ids) < chunk
		below = ids[len(ids)-1]
		kept, err := keep(ctx, q, f, heads, ids)
		if err != nil {
			return nil, err
		}
		if out = append(out, kept...); len(out) >= n || end {
			return out[:min(n, len(out))], nil
		}
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
	if len(ids) == 0 {
		return nil, nil
	}
	set := newIDSet(ids...)
	listedIDs := make(idSet)
	if f.View != app.ViewEverything {
		for _, h := range heads {
			among, _, err := listedAmong(ctx, q, h.account, set)
			if err != nil {
				return nil, err
			}
			listedIDs.union(among)
		}
	}
	if f.View == app.ViewList {
		set = listedIDs
	} else {
		set = set.minus(listedIDs)
	}
	if f.View != app.ViewList || f.Source != "" {
		of, err := ofAccounts(ctx, q, f, heads, ids)
		if err != nil {
			return nil, err
		}
		set = set.and(of)
	}
	return slices.DeleteFunc(ids, func(id app.AlertID) bool { return !set.has(id) }), nil
}

// ofAccounts returns which of ids are of the accounts, and of the source that
// the filter asks for.
func ofAccounts(ctx context.Context, q querier, f app.Filter, heads []head, ids []app.AlertID) (idSet, error) {
	accounts := make([]app.AccountID, len(heads))
	for i, h := range heads {
		accounts[i] = h.account
	}
	return setOf(q.query(ctx, `SELECT id FROM alerts WHERE id IN (SELECT value FROM json_each(?1))
		AND account IN (SELECT value FROM json_each(?2)) AND ?3 IN ('', source)`, jsonIDs(ids), jsonIDs(accounts), f.Source))
}
