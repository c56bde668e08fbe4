package ui

import (
	"fmt"

	"bellhop/app"
)

// channelText is how a channel is called: as a heading, where there is little
// room, and in a sentence.
var channelText = [app.NumChannels]struct{ name, short, word, icon string }{
	app.ChannelAlert:    {"Alert", "Alert", "an alert", "bell"},
	app.ChannelToast:    {"Toast", "Toast", "a desktop notification", "screen"},
	app.ChannelMail:     {"Mail", "Mail", "mail", "mail"},
	app.ChannelSlack:    {"Slack", "Slack", "Slack", "hash"},
	app.ChannelTeams:    {"Teams", "Teams", "Teams", "teams"},
	app.ChannelWebhooks: {"Webhooks", "Hooks", "webhook", "hook"},
	app.ChannelServices: {"Services", "More", "a further service", "plug"},
}

// channelHelp is what a channel is, for who rests the pointer on it.
var channelHelp = [app.NumChannels]string{
	app.ChannelAlert:    "A row of its own in Bellhop's list, for what no server lists there already.",
	app.ChannelToast:    "A notification on this desktop.",
	app.ChannelMail:     "A mail to your address.",
	app.ChannelSlack:    "A message in Slack.",
	app.ChannelTeams:    "A card in Microsoft Teams.",
	app.ChannelWebhooks: "A request to an address of your own.",
	app.ChannelServices: "A message in a further service: ntfy, Matrix, Signal, Telegram and others.",
}

// columnHelp is when the events of a setting happen.
var columnHelp = [app.NumColumns]string{
	app.ColumnProductTypeAdded:         "a product type was created",
	app.ColumnProductAdded:             "a product was created",
	app.ColumnEngagementAdded:          "an engagement was created",
	app.ColumnTestAdded:                "a test was created",
	app.ColumnScanAdded:                "after an import or reimport",
	app.ColumnScanAddedEmpty:           "an import that changed nothing",
	app.ColumnJiraUpdate:               "Jira could not be reached or refused",
	app.ColumnUpcomingEngagement:       "it begins within days",
	app.ColumnStaleEngagement:          "its end has passed",
	app.ColumnAutoCloseEngagement:      "closed because it was stale",
	app.ColumnCloseEngagement:          "closed or cancelled",
	app.ColumnUserMentioned:            "somebody wrote @you",
	app.ColumnCodeReview:               "no DefectDojo raises it",
	app.ColumnReviewRequested:          "somebody wants you to look",
	app.ColumnOther:                    "all that has no line of its own",
	app.ColumnSLABreach:                "one for each finding",
	app.ColumnSLABreachCombined:        "one for each product",
	app.ColumnRiskAcceptanceExpiration: "it ends, or will within days",
}

// modeText is what the two modes mean.
func modeText(mode app.Mode) string {
	if mode == app.ModeEveryone {
		return "This computer decides for all people of the server and for its shared places, and delivers to them. Let exactly one computer do so: with two, everybody gets everything twice."
	}
	return "This computer decides for you alone and delivers to your own destinations and the shared ones."
}

// scopeText is what a row of settings speaks for.
func scopeText(scope app.Scope, product string) string {
	switch scope {
	case app.ScopeSystem:
		return "The system's settings speak for the shared places; superusers get what they say besides their own."
	case app.ScopeTemplate:
		return "The template is copied for people who are new to the server. It changes nothing for those who are known."
	case app.ScopeProduct:
		if product == "" {
			return "Choose a product. What is on for it comes besides what is on everywhere."
		}
		return fmt.Sprintf("What is on for %s comes besides what is on everywhere; nothing here takes anything away. DefectDojo knows seven events for a product.", product)
	case app.ScopePersonal:
	}
	return "What you are told of, for every product."
}

// alsoServer says whether the server itself delivers the events of a setting on
// a channel, as far as its own settings are known.
func alsoServer(server *app.Preference, c app.Column, ch app.Channel) bool {
	return server != nil && ch >= app.ChannelMail && server.Row[c].Has(ch)
}

// hasSystem says whether the system's settings add a channel to what Me chose.
func (r Rules) hasSystem(c app.Column, ch app.Channel) bool {
	system := app.DefaultRow()
	if p := r.find(app.OwnerLocal, app.ScopeSystem, 0); p != nil {
		system = p.Row
	}
	if !system[c].Has(ch) {
		return false
	}
	if r.Of.Superuser && r.Settings[app.SettingSuperuserSystem] != "off" {
		return true
	}
	for _, name := range app.SettingList(r.Settings[app.SettingSystemTrump]) {
		if app.Kind(name).Column() == c {
			return true
		}
	}
	return false
}

// find returns a row, nil where none is stored.
func (r Rules) find(owner app.Owner, scope app.Scope, product int64) *app.Preference {
	rows := r.Local
	if owner == app.OwnerServer {
		rows = r.Server
	}
	for i, p := range rows {
		personal := p.Scope == app.ScopePersonal || p.Scope == app.ScopeProduct
		if p.Scope == scope && p.Product == product && (!personal || p.Person == r.Of.ID) {
			return &rows[i]
		}
	}
	return nil
}

// product returns a product's name, "" for one that is not known.
func (r Rules) product(id int64) string {
	for _, p := range r.Products {
		if p.ID == id {
			return oneLine(p.Name)
		}
	}
	return ""
}
