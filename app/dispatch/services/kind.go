package services

import (
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/discord"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/googlechat"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/lark"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/matrix"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/mattermost"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/rocketchat"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/signal"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/telegram"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/wecom"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/zulip"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/incident/opsgenie"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/incident/pagerduty"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/bark"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/gotify"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/ifttt"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/join"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/ntfy"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/pushbullet"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/pushover"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/specialized/generic"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/specialized/notifiarr"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
)

// kind is a service and how it is written to.
type kind struct {
	// name is what is shown of a destination.
	name string
	// form is what its address looks like, for who got one wrong.
	form string
	make func() types.Service
	// titled says that the service has a title apart from the text.
	titled bool
	// markup says that it makes links and mentions of what a text says.
	markup bool
	// reads says that a status of success is not enough: the body of the answer
	// decides, and shoutrrr reads it.
	reads bool
	// most is how many bytes of text it takes.
	most int
}

// plenty is how long a text is where a service has no limit that could matter.
const plenty = 4000

// kinds are the services by the scheme of their addresses. The limits are those
// of the services' own pages, or of shoutrrr where it refuses earlier: Telegram
// 4,096 (sendMessage), ntfy 4,096 bytes (beyond that a text becomes a file),
// Pushover 1,024 characters, Discord 2,000, PagerDuty 1,024, Lark and WeCom 4,096
// bytes (WeCom's own limit is 2,048), Join an address, Bark a push of Apple's,
// 4,096 bytes with everything.
var kinds = map[string]kind{
	"bark":       {name: "Bark", form: "bark://KEY@HOST", make: func() types.Service { return new(bark.Service) }, titled: true, reads: true, most: 2000},
	"discord":    {name: "Discord", form: "discord://TOKEN@WEBHOOK-ID", make: func() types.Service { return new(discord.Service) }, markup: true, most: 1900},
	"generic":    {name: "generic", form: "generic://HOST/PATH", make: func() types.Service { return new(generic.Service) }, most: plenty},
	"googlechat": {name: "Google Chat", form: "googlechat://chat.googleapis.com/v1/spaces/SPACE/messages?key=KEY&token=TOKEN", make: func() types.Service { return new(googlechat.Service) }, markup: true, most: 4000},
	"gotify":     {name: "Gotify", form: "gotify://HOST/TOKEN", make: func() types.Service { return new(gotify.Service) }, titled: true, reads: true, most: plenty},
	"ifttt":      {name: "IFTTT", form: "ifttt://KEY/?events=EVENT", make: func() types.Service { return new(ifttt.Service) }, most: 1000},
	"join":       {name: "Join", form: "join://shoutrrr:KEY@join/?devices=DEVICE", make: func() types.Service { return new(join.Service) }, titled: true, most: 1000}, //nolint:gosec // the form of an address, no credentials
	"lark":       {name: "Lark", form: "lark://open.larksuite.com/TOKEN", make: func() types.Service { return new(lark.Service) }, markup: true, reads: true, most: 4000},
	"matrix":     {name: "Matrix", form: "matrix://:ACCESS-TOKEN@HOST/?rooms=!ROOM:HOST", make: func() types.Service { return new(matrix.Service) }, reads: true, most: 8000},
	"mattermost": {name: "Mattermost", form: "mattermost://HOST/TOKEN", make: func() types.Service { return new(mattermost.Service) }, markup: true, most: plenty},
	"notifiarr":  {name: "Notifiarr", form: "notifiarr://KEY?channel=CHANNEL", make: func() types.Service { return new(notifiarr.Service) }, markup: true, most: 1900},
	"ntfy":       {name: "ntfy", form: "ntfy://HOST/TOPIC", make: func() types.Service { return new(ntfy.Service) }, titled: true, reads: true, most: 4000},
	"opsgenie":   {name: "Opsgenie", form: "opsgenie://HOST/KEY", make: func() types.Service { return new(opsgenie.Service) }, titled: true, most: 8000},
	"pagerduty":  {name: "PagerDuty", form: "pagerduty://HOST/KEY", make: func() types.Service { return new(pagerduty.Service) }, most: 1000},
	"pushbullet": {name: "Pushbullet", form: "pushbullet://TOKEN/DEVICE", make: func() types.Service { return new(pushbullet.Service) }, titled: true, most: plenty},
	"pushover":   {name: "Pushover", form: "pushover://shoutrrr:TOKEN@USER", make: func() types.Service { return new(pushover.Service) }, titled: true, most: 1000},
	"rocketchat": {name: "Rocket.Chat", form: "rocketchat://HOST/TOKEN-A/TOKEN-B/CHANNEL", make: func() types.Service { return new(rocketchat.Service) }, markup: true, most: plenty},
	"signal":     {name: "Signal", form: "signal://HOST:PORT/NUMBER/RECIPIENT", make: func() types.Service { return new(signal.Service) }, most: 2000},
	"telegram":   {name: "Telegram", form: "telegram://TOKEN@telegram?chats=CHAT", make: func() types.Service { return new(telegram.Service) }, most: 4000},
	"wecom":      {name: "WeCom", form: "wecom://KEY", make: func() types.Service { return new(wecom.Service) }, markup: true, reads: true, most: 2000},
	"zulip":      {name: "Zulip", form: "zulip://BOT-MAIL:BOT-KEY@HOST/?stream=STREAM&topic=TOPIC", make: func() types.Service { return new(zulip.Service) }, markup: true, most: 8000}, //nolint:gosec // the same
}

// elsewhere are the services of shoutrrr that Bellhop has a channel of its own
// for, or that nothing is delivered by.
var elsewhere = map[string]string{
	"slack": "Add it with `bellhop channels add slack`, which knows threads, limits and direct messages.",
	"teams": "Add it with `bellhop channels add msteams --secret url`, which sends cards.",
	"smtp":  "Add it with `bellhop channels add mail`, which knows threads and replies.",
	"smtps": "Add it with `bellhop channels add mail`, which knows threads and replies.",
	"logger": "It only writes to a log. See `bellhop events` and `bellhop deliveries` for what happened, or `bellhop notify` to raise " +
		"events by hand.",
	"script": "Bellhop runs no programs. Let a webhook start it: `bellhop channels add webhooks`.",
	"exec":   "Bellhop runs no programs. Let a webhook start it: `bellhop channels add webhooks`.",
}
