package app_test

import (
	"errors"
	"testing"

	"bellhop/app"
)

func TestBaseURLIsWhatTheUserMeant(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"dojo.example.com":                          "https://dojo.example.com",
		" https://dojo.example.com/ ":               "https://dojo.example.com",
		"http://127.0.0.1:8080":                     "http://127.0.0.1:8080",
		"https://Example.com/dojo/":                 "https://example.com/dojo",
		"https://dojo.example.com/login?next=/":     "https://dojo.example.com",
		"https://dojo.example.com/dojo/alerts#top":  "https://dojo.example.com/dojo",
		"https://dojo.example.com/api/v2/":          "https://dojo.example.com",
		"localhost:8080/dashboard":                  "https://localhost:8080",
		"https://dojo.example.com/login/login/":     "https://dojo.example.com",
		"https://[::1]:8080":                        "https://[::1]:8080",
		"https://dojo.example.com/a%20prefix/login": "https://dojo.example.com/a%20prefix",
	} {
		got, err := app.BaseURL(typed)
		if err != nil || got != want {
			t.Errorf("BaseURL(%q) = %q, %v; want %q", typed, got, err, want)
		}
	}
}

func TestBaseURLRefusesWithAStep(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{"", "  ", "ftp://dojo.example.com", "https://", "https://user:secret@dojo.example.com", "https://a b", "javascript:alert(1)"} {
		got, err := app.BaseURL(typed)
		if !errors.Is(err, app.ErrInvalid) {
			t.Errorf("BaseURL(%q) = %q, %v; want it refused", typed, got, err)
			continue
		}
		if p := app.AsProblem(err); p.Step == "" || p.Message == "" {
			t.Errorf("BaseURL(%q): %#v lacks a message or a step", typed, p)
		}
	}
}

func FuzzBaseURLIsStable(f *testing.F) {
	for _, s := range []string{"dojo.example.com", "https://x/login/", "http://[::1]/a/", "//x", "x:1/2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		once, err := app.BaseURL(typed)
		if err != nil {
			return
		}
		twice, err := app.BaseURL(once)
		if err != nil || twice != once {
			t.Errorf("BaseURL(%q) = %q, but BaseURL of that = %q, %v", typed, once, twice, err)
		}
	})
}
