package program

import "testing"

// Only what is a host may be looked up: elsewhere in an address its secrets stand.
func TestTheHostOfAServiceIsToldFromItsSecrets(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"ntfy://127.0.0.1/topic":              "127.0.0.1",
		"ntfy://me:hush@[::1]:8080/topic":     "[::1]:8080",
		"NTFY://push.example.com/topic":       "push.example.com",
		"ntfy:///topic":                       "",
		"generic+http://10.0.0.1:81/in?x=y":   "10.0.0.1:81",
		"signal://192.168.1.2:8080/+491/+492": "192.168.1.2:8080",
		"matrix://:hush@10.0.0.3/?rooms=!a:b": "10.0.0.3",
		"bark://hush@10.0.0.4":                "10.0.0.4",
		"telegram://hush@telegram?chats=1":    "",
		"wecom://hush":                        "",
		"notifiarr://hush?channel=1":          "",
		"pushbullet://hush/phone":             "",
		"discord://hush@hook":                 "",
		"ifttt://hush/?events=e":              "",
		"pushover://shoutrrr:hush@user":       "",
		"carrier-pigeon://127.0.0.1/":         "",
		"ntfy://%zz":                          "",
	} {
		if got := serviceHost(address); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}
