package dojo

import (
	"bytes"
	"html"
	"regexp"
	"strings"
)

// The names of columns and channels; the boxes of a page have others too, to
// select all of a row for example.
var (
	columnName  = regexp.MustCompile(`^[a-z][a-z_]{1,63}$`)
	channelName = regexp.MustCompile(`^[a-z]{2,31}$`)
)

// mostBoxes bounds what a page can make of itself: some twenty columns with
// five channels are usual.
const mostBoxes = 2000

// readBoxes finds the check boxes of a settings page whose name may be a
// column and whose value a channel. The markup of 2.x and 3.x differs around
// them, and they are the same: type, name, value and, where it is on, checked,
// in any order and with any quotes. What stands in comments and scripts is no
// box.
func readBoxes(page []byte) OwnSettings {
	settings := make(OwnSettings)
	for n := 0; n < mostBoxes; {
		attributes, rest := nextInput(page)
		if rest == nil {
			break
		}
		page = rest
		name, channel := attributes["name"], attributes["value"]
		_, on := attributes["checked"]
		if !strings.EqualFold(attributes["type"], "checkbox") || !columnName.MatchString(name) || !channelName.MatchString(channel) {
			continue
		}
		n++
		if settings[name] == nil {
			settings[name] = make(map[string]bool)
		}
		settings[name][channel] = settings[name][channel] || on
	}
	return settings
}

// hidden are the elements whose content is no markup.
var hidden = [][2]string{{"<!--", "-->"}, {"<script", "</script"}, {"<style", "</style"}, {"<textarea", "</textarea"}, {"<template", "</template"}}

// nextInput finds the next input element and returns its attributes and what
// follows it, nil where there is none.
func nextInput(page []byte) (map[string]string, []byte) {
	for {
		at := bytes.IndexByte(page, '<')
		if at < 0 {
			return nil, nil
		}
		page = page[at:]
		skipped := false
		for _, pair := range hidden {
			if hasPrefixFold(page, pair[0]) {
				end := indexFold(page[len(pair[0]):], pair[1])
				if end < 0 {
					return nil, nil
				}
				page, skipped = page[len(pair[0])+end+len(pair[1]):], true
				break
			}
		}
		if skipped {
			continue
		}
		if hasPrefixFold(page, "<input") && len(page) > 6 && strings.IndexByte(" \t\r\n\f/", page[6]) >= 0 {
			return readAttributes(page[6:])
		}
		page = page[1:]
	}
}

// readAttributes reads the attributes of an element up to its ">" and returns
// what follows that. The first of two with one name counts, as in a browser.
func readAttributes(page []byte) (map[string]string, []byte) {
	const space = " \t\r\n\f/"
	out := make(map[string]string)
	for {
		page = bytes.TrimLeft(page, space)
		if len(page) == 0 {
			return nil, nil
		}
		if page[0] == '>' {
			return out, page[1:]
		}
		end := bytes.IndexAny(page[1:], space+"=>") // a "=" at the beginning is part of the name
		if end < 0 {
			return nil, nil
		}
		name := strings.ToLower(string(page[:end+1]))
		page = bytes.TrimLeft(page[end+1:], " \t\r\n\f")
		value := ""
		if len(page) > 0 && page[0] == '=' {
			var ok bool
			if value, page, ok = readValue(bytes.TrimLeft(page[1:], " \t\r\n\f")); !ok {
				return nil, nil
			}
		}
		if _, twice := out[name]; !twice {
			out[name] = value
		}
	}
}

// readValue reads an attribute's value with or without quotes.
func readValue(page []byte) (string, []byte, bool) {
	if len(page) == 0 {
		return "", nil, false
	}
	if quote := page[0]; quote == '"' || quote == '\'' {
		end := bytes.IndexByte(page[1:], quote)
		if end < 0 {
			return "", nil, false
		}
		return html.UnescapeString(string(page[1 : end+1])), page[end+2:], true
	}
	end := bytes.IndexAny(page, " \t\r\n\f>")
	if end < 0 {
		return "", nil, false
	}
	return html.UnescapeString(string(page[:end])), page[end:], true
}

func hasPrefixFold(page []byte, prefix string) bool {
	return len(page) >= len(prefix) && strings.EqualFold(string(page[:len(prefix)]), prefix)
}

// indexFold finds a word of ASCII letters in any case.
func indexFold(page []byte, word string) int {
	for i := 0; i+len(word) <= len(page); i++ {
		if page[i] == word[0] && hasPrefixFold(page[i:], word) {
			return i
		}
	}
	return -1
}
