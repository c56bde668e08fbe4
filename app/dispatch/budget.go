package dispatch

import (
	"time"

	"bellhop/app"
)

// Limit allows at most N messages in any stretch of Per.
type Limit struct {
	N   int
	Per time.Duration
}

// The limits of the services, kept before sending. Slack: one message a second
// in a channel (api.slack.com/apis/rate-limits). Teams: the connectors' and
// workflows' limits for one address (Microsoft, connectors-using: 4 a second, 60
// in 30 s, 100 an hour, 150 in two hours, 1,800 a day). Further services: what
// the strictest of the usual ones takes, Telegram with one message a second in a
// chat and 20 a minute in a group (core.telegram.org/bots/faq); ntfy.sh refills one
// every 5 s after the first 60, and one that is met is answered with 429.
var (
	slackLimits = []Limit{{1, time.Second}}
	teamsLimits = []Limit{{4, time.Second}, {60, 30 * time.Second}, {100, time.Hour}, {150, 2 * time.Hour}, {1800, 24 * time.Hour}}
	moreLimits  = []Limit{{1, time.Second}, {20, time.Minute}}
)

// longest returns the longest stretch for which it matters what was sent.
func longest(limits []Limit) time.Duration {
	var d time.Duration
	for _, l := range limits {
		d = max(d, l.Per)
	}
	return max(d, patience)
}

// budget knows when a lane's next message may leave. sent are the times of the
// messages that left, oldest first; only the longest stretch of them matters.
type budget struct {
	limits []Limit
	sent   []time.Time
}

// next returns the earliest time at or after now at which one more message
// breaks no limit.
func (b *budget) next(now time.Time) time.Time {
	b.sent = past(b.sent, now)
	at := now
	for _, l := range b.limits {
		if n := len(b.sent); n >= l.N {
			// The message that leaves at "at" and the l.N sent last are one too
			// many for a stretch that holds them all.
			if free := b.sent[n-l.N].Add(l.Per); free.After(at) {
				at = free
			}
		}
	}
	return at
}

// patience is how long the messages of a storm may take to leave one after the
// other: a limit of a second is one of ten seconds here.
const patience = 10 * time.Second

// left says how many more messages may leave before a limit binds, how many of them
// are kept for what is critical (a tenth of the limit), and how long that limit's
// stretch is; 0 where there is no limit.
func (b *budget) left(now time.Time) (left, reserve int, per time.Duration) {
	for _, l := range b.limits {
		if l.Per < patience {
			l = Limit{l.N * int(patience/l.Per), patience}
		}
		used := 0
		for i := len(b.sent) - 1; i >= 0 && now.Sub(b.sent[i]) < l.Per; i-- {
			used++
		}
		if free := l.N - used; per == 0 || free-l.N/10 < left-reserve {
			left, reserve, per = free, l.N/10, l.Per
		}
	}
	return left, reserve, per
}

// spend notes a message that left at a time. The clock may have been set back
// since next was asked: what left later than now is forgotten, or it would stand
// in the middle of the list, where past does not see it.
func (b *budget) spend(at time.Time) {
	b.sent = append(past(b.sent, at), at)
	most := 0
	for _, l := range b.limits {
		most = max(most, l.N, l.N*int(patience/l.Per))
	}
	if len(b.sent) > 3*most { // not at each message: there may be many
		b.sent = append(b.sent[:0], b.sent[len(b.sent)-2*most:]...)
	}
}

// manner is how a channel's lanes behave.
type manner struct {
	batch    int           // deliveries claimed at once
	parallel int           // sends at the same time within a lane
	ahead    int           // messages that may leave while the store notes those before
	merge    bool          // a storm becomes digests, group by group
	live     bool          // and these one message, which is replaced
	gather   time.Duration // everything due within it is one message; 0 = each its own
	limits   []Limit
}

// mannerOf returns the manner of a channel. A webhook is never merged: its
// receivers read one event at a time.
func mannerOf(c app.Channel) manner {
	switch c {
	case app.ChannelToast:
		return manner{batch: 1000, parallel: 1, gather: 2 * time.Second}
	case app.ChannelSlack:
		return manner{batch: 200, parallel: 1, merge: true, live: true, limits: slackLimits}
	case app.ChannelTeams:
		return manner{batch: 500, parallel: 1, merge: true, limits: teamsLimits}
	case app.ChannelMail:
		// As many as a server may be set to have connections for; most have two.
		return manner{batch: 100, parallel: 8, ahead: 64, merge: true}
	case app.ChannelWebhooks:
		// The next ones are claimed and the last ones noted while the writer is busy,
		// with a thousand decisions say, which takes as long as 300 of them. After a
		// crash as many as are not noted can arrive twice, with the ids by which a
		// receiver tells.
		return manner{batch: 512, parallel: 8, ahead: 256}
	case app.ChannelServices:
		return manner{batch: 200, parallel: 1, merge: true, limits: moreLimits}
	case app.ChannelAlert:
		return manner{batch: 1, parallel: 1} // never queued: the alert is a row of its own
	default:
		return manner{batch: 1, parallel: 1}
	}
}
