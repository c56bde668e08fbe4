package store

import (
	"bytes"
	_ "embed"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// folds lists, in pairs, the letters from which the tokenizer of the full-text
// index (unicode61 with remove_diacritics 2) takes a mark, and what is left of
// them, as far as making them small does not do it. TestWordsAreSplitAsByTheIndex
// makes and checks it.
//
//go:embed folds.txt
var folds string

// foldTable is folds as a map; it is made once.
var foldTable = func() map[rune]rune {
	out := make(map[rune]rune)
	letters := []rune(strings.TrimSpace(folds))
	for i := 0; i+1 < len(letters); i += 2 {
		out[letters[i]] = letters[i+1]
	}
	return out
}()

// isToken says whether the tokenizer sees r as part of a word.
func isToken(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Co, r)
}

// marks are the combining marks that the tokenizer drops inside a word; others
// end it. They are those of the languages of Europe.
const marks = "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0309\u030a\u030b\u030c\u030f\u0311\u031b\u0323\u0324\u0325\u0326\u0327\u0328\u032d\u032e\u0330\u0331"

func isMark(r rune) bool { return r >= 0x300 && r < 0x340 && strings.ContainsRune(marks, r) }

func fold(r rune) rune {
	if to, ok := foldTable[r]; ok {
		return to
	}
	return unicode.ToLower(r)
}

// nextToken appends the next token of text to buf, folded, and returns what
// follows it in text. ok is false at the end.
func nextToken(text, buf []byte) (token, rest []byte, ok bool) {
	token = buf
	for len(text) > 0 {
		c := text[0]
		if c < utf8.RuneSelf {
			switch {
			case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			case 'A' <= c && c <= 'Z':
				c += 'a' - 'A'
			case len(token) > len(buf):
				return token, text[1:], true
			default:
				text = text[1:]
				continue
			}
			token = append(token, c)
			text = text[1:]
			continue
		}
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		switch {
		case isToken(r):
			token = utf8.AppendRune(token, fold(r))
		case len(token) > len(buf) && !isMark(r):
			return token, text, true
		}
	}
	return token, nil, len(token) > len(buf)
}

// tokensOf returns the tokens of a short text.
func tokensOf(text string) []string {
	var out []string
	for rest := []byte(text); ; {
		token, after, ok := nextToken(rest, nil)
		if !ok {
			return out
		}
		out = append(out, string(token))
		rest = after
	}
}

// endsInWord says whether the last character of text is part of a word.
func endsInWord(text string) bool {
	r, _ := utf8.DecodeLastRuneInString(text)
	return isToken(r) || isMark(r)
}

// phrase is one word as typed: the tokens it has, one after another.
type phrase struct {
	tokens []string
	open   bool // the last token may be a beginning
}

// mayBeIn says whether a text of small ASCII letters can have the phrase: the
// tokenizer does nothing to such letters, so that each token stands there as it
// is. It costs a tenth of splitting the text into tokens.
func (p phrase) mayBeIn(small []byte) bool {
	return !slices.ContainsFunc(p.tokens, func(token string) bool { return !bytes.Contains(small, []byte(token)) })
}

// smallASCII appends text to buf in small letters; ok is false where text has
// other characters than ASCII's.
func smallASCII(buf, text []byte) (small []byte, ok bool) {
	small = append(buf, text...)
	for i, c := range small[len(buf):] {
		switch {
		case c >= utf8.RuneSelf:
			return buf, false
		case 'A' <= c && c <= 'Z':
			small[len(buf)+i] = c + 'a' - 'A'
		}
	}
	return small, true
}

// in says whether text has the phrase.
func (p phrase) in(text []byte) bool {
	var room [64]byte
	last := len(p.tokens) - 1
	// matched[i] says that the tokens up to here end with the first i+1 of the
	// phrase; a phrase has few, and most have one.
	var space [8]bool
	matched := append(space[:0], make([]bool, last)...)
	for rest := text; ; {
		token, after, ok := nextToken(rest, room[:0])
		if !ok {
			return false
		}
		if (last == 0 || matched[last-1]) && strings.HasPrefix(string(token), p.tokens[last]) && (p.open || len(token) == len(p.tokens[last])) {
			return true
		}
		for i := last - 1; i >= 0; i-- {
			matched[i] = (i == 0 || matched[i-1]) && string(token) == p.tokens[i]
		}
		rest = after
	}
}
