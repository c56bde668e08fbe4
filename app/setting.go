package app

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Setting describes one thing the user can set.
type Setting struct {
	Key     string
	Default string
	Help    string // one sentence, with the unit
	// Check returns the value as it is stored, or an error that says what is
	// allowed.
	Check func(value string) (string, error)
}

// The keys of the settings. The last two are kept among the settings and not
// shown there: a pause has commands of its own, and the toast instance is ours.
const (
	SettingPollSeconds = "poll_seconds"
	SettingHistoryDays = "history_days"
	SettingUndoSeconds = "undo_seconds"
	SettingToasts      = "toasts"
	SettingToastBody   = "toast_text"
	SettingTheme       = "theme"

	SettingIntakeAddress = "intake_address"
	SettingIntakeHeader  = "intake_header"
	SettingIntakePath    = "intake_path"

	// SettingWatchMinutes is how often the server's objects are looked at for
	// what its alerts do not tell, or off.
	SettingWatchMinutes = "watch_minutes"

	// SettingTeam is the team name in the subject of mails, DefectDojo's
	// team_name.
	SettingTeam = "team_name"
	// SettingDigests says whether a storm becomes digests.
	SettingDigests = "digests"
	// SettingOutbox is "paused" while nothing but toasts may leave.
	SettingOutbox = "outbox"
	// SettingEngineMode is for whom decisions are made: a [Mode].
	SettingEngineMode = "engine_mode"
	// SettingSystemTrump lists the events of [Facts.Trump].
	SettingSystemTrump = "system_trump"
	// SettingSuperuserSystem is [Facts.SuperuserSystem], on or off.
	SettingSuperuserSystem = "superuser_system"
	// SettingChannels lists the channels of [Facts.Gates].
	SettingChannels    = "channels"
	SettingPausedUntil = "paused_until"
	// SettingToastInstance names the notification daemon whose notes are
	// remembered; another one gives the same notes to other programs.
	SettingToastInstance = "toast_instance"
)

// Settings lists every setting in the order in which it is shown.
var Settings = []Setting{
	{SettingPollSeconds, "60", "Seconds between two looks at the server, 30 to 3600; each is varied by a tenth.", between(30, 3600)},
	{SettingToasts, "on", "Desktop notifications for new alerts: on or off.", oneOf("on", "off")},
	{SettingToastBody, "full", "What a notification shows: full (title and description), title, or count (no text of the alert).", oneOf("full", "title", "count")},
	{SettingHistoryDays, "365", "Days for which removed alerts stay in the history, 1 to 36500; the list itself is never touched.", between(1, 36500)},
	{SettingUndoSeconds, "5", "Seconds in which a removal can be undone before it is sent, 0 to 60.", between(0, 60)},
	{SettingTheme, "system", "Colours of the windows: system, light or dark.", oneOf("system", "light", "dark")},
	{SettingTeam, "DefectDojo", "The team name in the subject of mails.", oneLine(100)},
	{SettingDigests, "on", "Whether many messages about one product and event become one: on or off. Webhooks are never merged.", oneOf("on", "off")},
	{SettingOutbox, "running", "Whether mail, Slack, Teams, webhooks and services leave: running or paused; see also bellhop outbox.", oneOf("running", "paused")},
	{SettingIntakeAddress, "off", "Where DefectDojo's webhooks are received: off, on (this machine, port 8917), a port, or host:port for other machines.", intakeAddress},
	{SettingIntakeHeader, DefaultIntakeHeader, "The header in which a webhook carries the secret.", intakeHeader},
	{SettingIntakePath, "/", "The path to which webhooks are sent.", intakePath},
	{SettingWatchMinutes, "5", "Minutes between two looks at the server's objects for what its alerts do not tell, 1 to 1440, or off.", orOff(between(1, 1440))},
	{SettingChannels, strings.ReplaceAll(AllChannels.String(), ",", ", "), "Channels that may be used at all, separated by commas, or none.", listOf(channels[:]...)},
	{SettingEngineMode, string(ModeMe), "For whom notifications are decided: me (the signed-in person) or everyone (needs a superuser's sign-in; on one machine only).", oneOf(string(ModeMe), string(ModeEveryone))},
	{SettingSystemTrump, "user_mentioned, review_requested", "Events for which the system's channels are added to a named recipient's own, separated by commas, or none.", listOf(kindNames()...)},
	{SettingSuperuserSystem, "on", "Whether superusers get what the system row says besides their own: on or off.", oneOf("on", "off")},
}

// kindNames returns the names of all events, and of the setting that no event
// has.
func kindNames() []string {
	names := make([]string, 0, len(Kinds)+1)
	for _, k := range Kinds {
		names = append(names, string(k))
	}
	return append(names, string(KindCodeReview))
}

// SettingList returns the members of a setting that is a list, without spaces;
// "none" has none.
func SettingList(value string) []string {
	if strings.TrimSpace(value) == "none" {
		return nil
	}
	var out []string
	for one := range strings.SplitSeq(value, ",") {
		if one = strings.TrimSpace(one); one != "" {
			out = append(out, one)
		}
	}
	return out
}

// listOf allows some of the values, separated by commas, or "none".
func listOf(values ...string) func(string) (string, error) {
	return func(value string) (string, error) {
		value = strings.ToLower(strings.TrimSpace(value))
		if value == "none" {
			return value, nil
		}
		list := SettingList(value)
		for _, one := range list {
			if !slices.Contains(values, one) {
				return "", Invalid(fmt.Sprintf("%q is not allowed here.", one), "Give none, or some of: "+strings.Join(values, ", ")+".")
			}
		}
		if len(list) == 0 {
			return "", Invalid("The list is empty.", "Give none, or some of: "+strings.Join(values, ", ")+".")
		}
		return strings.Join(list, ", "), nil
	}
}

// FindSetting returns the setting with the key. The error is a [Problem] that
// lists the keys.
func FindSetting(key string) (Setting, error) {
	i := slices.IndexFunc(Settings, func(s Setting) bool { return s.Key == key })
	if i < 0 {
		keys := make([]string, len(Settings))
		for i, s := range Settings {
			keys[i] = s.Key
		}
		return Setting{}, Invalid(fmt.Sprintf("There is no setting %q.", key), "The settings are: "+strings.Join(keys, ", ")+".")
	}
	return Settings[i], nil
}

func between(low, high int) func(string) (string, error) {
	return func(value string) (string, error) {
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil || n < low || n > high {
			return "", Invalid(fmt.Sprintf("%q is not allowed here.", value), fmt.Sprintf("Give a whole number from %d to %d.", low, high))
		}
		return strconv.Itoa(n), nil
	}
}

// orOff also allows "off".
func orOff(check func(string) (string, error)) func(string) (string, error) {
	return func(value string) (string, error) {
		if strings.EqualFold(strings.TrimSpace(value), "off") {
			return "off", nil
		}
		return check(value)
	}
}

func oneLine(most int) func(string) (string, error) {
	return func(value string) (string, error) {
		v := strings.TrimSpace(value)
		if v == "" || strings.ContainsFunc(v, unicode.IsControl) || utf8.RuneCountInString(v) > most {
			return "", Invalid("This is not allowed here.", fmt.Sprintf("Give one line of 1 to %d characters.", most))
		}
		return v, nil
	}
}

func oneOf(values ...string) func(string) (string, error) {
	return func(value string) (string, error) {
		v := strings.ToLower(strings.TrimSpace(value))
		if !slices.Contains(values, v) {
			return "", Invalid(fmt.Sprintf("%q is not allowed here.", value), "Give one of: "+strings.Join(values, ", ")+".")
		}
		return v, nil
	}
}
