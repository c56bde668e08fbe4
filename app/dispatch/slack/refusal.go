package slack

// refusal is what an error of Slack means for a delivery.
type refusal struct {
	final, alone bool
	next         string
}

const (
	stepInstall = "Copy the Bot User OAuth Token (xoxb-…) from the app's page OAuth & Permissions, after the app was installed; `bellhop channels manifest` says how to make the app."
	stepToken   = "Give it with `bellhop channels edit NAME --secret token`."
	stepBlocks  = "Report this event; Slack does not take the form of its message."
	stepAgain   = "Nothing; it is sent again."
)

// refusals are Slack's errors of chat.postMessage, chat.update and
// users.lookupByEmail (docs.slack.dev/reference/methods).
var refusals = map[string]refusal{
	// It passes.
	"ratelimited":            {next: "Nothing; Slack takes one message a second for each channel, and this one is sent again."},
	"rate_limited":           {next: "Nothing; Slack takes one message a second for each channel, and this one is sent again."},
	"message_limit_exceeded": {next: "The workspace has sent too many messages; it is sent again."},
	"internal_error":         {next: stepAgain},
	"fatal_error":            {next: stepAgain},
	"service_unavailable":    {next: stepAgain},
	"request_timeout":        {next: stepAgain},
	"team_added_to_org":      {next: "Nothing; the workspace is being moved, and it is sent again."},

	// The token.
	"invalid_auth":              {final: true, next: stepInstall + " " + stepToken},
	"not_authed":                {final: true, next: stepInstall + " " + stepToken},
	"token_revoked":             {final: true, next: "The token was revoked. Install the app again and copy the new token. " + stepToken},
	"token_expired":             {final: true, next: "The token has expired. Switch token rotation off for the app, install it again and copy the new token. " + stepToken},
	"account_inactive":          {final: true, next: "The bot's account was switched off or its workspace deleted. Install the app again and copy the new token. " + stepToken},
	"no_permission":             {final: true, next: "The app may not do this. Give it the scopes of its manifest (`bellhop channels manifest`) and install it again."},
	"missing_scope":             {final: true, next: "The app lacks a permission. Give it the scopes of the manifest (`bellhop channels manifest`) and install it again."},
	"not_allowed_token_type":    {final: true, next: stepInstall + " " + stepToken},
	"ekm_access_denied":         {final: true, next: "The workspace's administrators have suspended posting. Ask them."},
	"org_login_required":        {final: true, next: "The workspace is being moved to an Enterprise organisation. Try again when that is done."},
	"access_denied":             {final: true, next: "An administrator has to allow the app in this workspace."},
	"team_access_not_granted":   {final: true, next: "An administrator has to allow the app in this workspace."},
	"two_factor_setup_required": {final: true, next: "The workspace asks for two-factor sign-in. Ask its administrators."},

	// The place.
	"channel_not_found":                        {final: true, next: "Check the channel's name; for a private channel, invite the bot to it (/invite @bellhop) or give the channel's id."},
	"not_in_channel":                           {final: true, next: "Invite the bot to the channel: type /invite @bellhop there."},
	"is_archived":                              {final: true, next: "The channel is archived. Take it out of the archive, or choose another one."},
	"user_not_found":                           {final: true, next: "Slack does not know this person. Check her id or e-mail address."},
	"users_not_found":                          {final: true, next: "Nobody in the workspace has this e-mail address. Set the one by which Slack knows the person."},
	"user_not_visible":                         {final: true, next: "The bot may not see this person. Choose a shared channel."},
	"messages_tab_disabled":                    {final: true, next: "Direct messages are switched off for the app. Switch on the Messages Tab on its page App Home."},
	"cannot_dm_bot":                            {final: true, next: "This is a bot, which gets no direct messages. Choose a person or a channel."},
	"restricted_action":                        {final: true, next: "Only some people may post in this channel. Ask an administrator, or choose another one."},
	"restricted_action_read_only_channel":      {final: true, next: "This channel is read-only. Choose another one."},
	"restricted_action_thread_only_channel":    {final: true, next: "Only threads are allowed in this channel. Choose another one."},
	"restricted_action_non_threadable_channel": {final: true, next: "This channel takes no such messages. Choose another one."},

	// The message.
	"msg_too_long":          {final: true, alone: true, next: stepBlocks},
	"msg_blocks_too_long":   {final: true, alone: true, next: stepBlocks},
	"no_text":               {final: true, alone: true, next: stepBlocks},
	"invalid_blocks":        {final: true, alone: true, next: stepBlocks},
	"invalid_blocks_format": {final: true, alone: true, next: stepBlocks},
	"invalid_arguments":     {final: true, alone: true, next: stepBlocks},
	"too_many_attachments":  {final: true, alone: true, next: stepBlocks},
	"invalid_form_data":     {final: true, alone: true, next: stepBlocks},
	"invalid_post_type":     {final: true, alone: true, next: stepBlocks},

	// The message that was to be replaced.
	"message_not_found":   {final: true, alone: true, next: "Nothing; a new message is posted instead."},
	"cant_update_message": {final: true, alone: true, next: "Nothing; a new message is posted instead."},
	"edit_window_closed":  {final: true, alone: true, next: "Nothing; a new message is posted instead."},
}

// gone are the errors after which a message that cannot be replaced is posted
// as a new one.
var gone = map[string]bool{"message_not_found": true, "cant_update_message": true, "edit_window_closed": true}
