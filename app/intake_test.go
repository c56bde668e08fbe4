package app

import (
	"errors"
	"testing"
)

func TestIntakeStaysOnThisMachineUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"": "", "off": "", " OFF ": "", "on": DefaultIntakeAddress,
		"9000": "127.0.0.1:9000", ":9000": "127.0.0.1:9000",
		"0.0.0.0:9000": "0.0.0.0:9000", "[::1]:80": "[::1]:80", "Bell.Lan:1": "bell.lan:1",
	} {
		if got, err := IntakeAddress(typed); err != nil || got != want {
			t.Errorf("IntakeAddress(%q) = %q, %v, want %q", typed, got, err, want)
		}
	}
	for _, typed := range []string{"maybe", "127.0.0.1", "0", "70000", "a b:1", "http://x:1", "::1"} {
		if got, err := IntakeAddress(typed); !errors.Is(err, ErrInvalid) {
			t.Errorf("IntakeAddress(%q) = %q, %v, want a refusal", typed, got, err)
		}
	}
	for address, want := range map[string]bool{
		"127.0.0.1:1": true, "127.8.0.1:1": true, "[::1]:1": true, "localhost:1": true, "[::ffff:127.0.0.1]:1": true,
		"0.0.0.0:1": false, "[::]:1": false, "10.0.0.1:1": false, "bell.lan:1": false, "": false,
	} {
		if got := Loopback(address); got != want {
			t.Errorf("Loopback(%q) = %t", address, got)
		}
	}
}

func TestSettingsOfTheIntake(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ key, value, want string }{
		{SettingIntakeAddress, "off", "off"},
		{SettingIntakeAddress, "on", DefaultIntakeAddress},
		{SettingIntakeHeader, " Authorization ", "Authorization"},
		{SettingIntakePath, "//", "/"},
		{SettingIntakePath, "/hooks/dojo/", "/hooks/dojo"},
	} {
		s, err := FindSetting(c.key)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.Check(c.value); err != nil || got != c.want {
			t.Errorf("%s %q = %q, %v, want %q", c.key, c.value, got, err, c.want)
		}
		if got, err := s.Check(s.Default); err != nil || got != s.Default {
			t.Errorf("the default of %s is stored as %q, %v", c.key, got, err)
		}
	}
	for _, c := range []struct{ key, value string }{
		{SettingIntakeAddress, "nowhere"},
		{SettingIntakeHeader, ""},
		{SettingIntakeHeader, "X Secret"},
		{SettingIntakeHeader, "Content-Length"},
		{SettingIntakeHeader, "X-DefectDojo-Event"},
		{SettingIntakeHeader, "-X"},
		{SettingIntakePath, "/a?b"},
		{SettingIntakePath, "a"},
	} {
		s, err := FindSetting(c.key)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.Check(c.value); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s %q = %q, %v, want a refusal", c.key, c.value, got, err)
		}
	}
}
