package email

import "strings"

// Preset is what a provider's own help pages say about sending mail through
// it with a program.
type Preset struct {
	Name     string
	Host     string
	Port     int
	TLS      Encryption
	Auth     Auth
	TokenURL string
	Scope    string
	// Hint tells the user what she has to prepare with the provider.
	Hint string
}

// Where tokens are renewed.
const (
	google    = "https://oauth2.googleapis.com/token"
	microsoft = "https://login.microsoftonline.com/"
)

// Presets lists the providers in the order of their names.
func Presets() []Preset {
	return []Preset{
		{
			Name: "fastmail", Host: "smtp.fastmail.com", Port: 465, TLS: Implicit, Auth: AuthPlain,
			Hint: "Make an app password with access to SMTP under Settings, Privacy & Security; your own password is refused.",
		},
		{
			Name: "gmail", Host: "smtp.gmail.com", Port: 587, TLS: STARTTLS, Auth: AuthAuto,
			TokenURL: google, Scope: "https://mail.google.com/",
			Hint: "Switch on 2-step verification and make an app password at https://myaccount.google.com/apppasswords, or use XOAUTH2; your own password is refused.",
		},
		{
			Name: "gmx", Host: "mail.gmx.net", Port: 587, TLS: STARTTLS, Auth: AuthAuto,
			Hint: "Allow POP3 and IMAP access in the settings of your mailbox first; it allows sending too.",
		},
		{
			Name: "icloud", Host: "smtp.mail.me.com", Port: 587, TLS: STARTTLS, Auth: AuthAuto,
			Hint: "Make an app-specific password at https://account.apple.com; your own password is refused.",
		},
		{
			Name: "mailgun", Host: "smtp.mailgun.org", Port: 587, TLS: STARTTLS, Auth: AuthAuto,
			Hint: "Use the SMTP user of the sending domain; domains in the EU region need host=smtp.eu.mailgun.org.",
		},
		{
			Name: "office365", Host: "smtp.office365.com", Port: 587, TLS: STARTTLS, Auth: AuthXOAUTH2,
			TokenURL: microsoft + "organizations/oauth2/v2.0/token", Scope: "https://outlook.office365.com/SMTP.Send offline_access",
			Hint: "Register an application with the delegated permission SMTP.Send and have SMTP AUTH switched on for the mailbox. Passwords (auth=login) work only while your administrator allows them.",
		},
		{
			Name: "outlook", Host: "smtp-mail.outlook.com", Port: 587, TLS: STARTTLS, Auth: AuthXOAUTH2,
			TokenURL: microsoft + "consumers/oauth2/v2.0/token", Scope: "https://outlook.office.com/SMTP.Send offline_access",
			Hint: "Outlook.com, Hotmail and Live take XOAUTH2 only: register an application with the delegated permission SMTP.Send.",
		},
		{
			Name: "postmark", Host: "smtp.postmarkapp.com", Port: 587, TLS: STARTTLS, Auth: AuthAuto,
			Hint: "Username and password are both the server's API token.",
		},
		{
			Name: "sendgrid", Host: "smtp.sendgrid.net", Port: 587, TLS: STARTTLS, Auth: AuthPlain,
			Hint: "The username is the word apikey, the password an API key with the right to send mail.",
		},
		{
			Name: "yahoo", Host: "smtp.mail.yahoo.com", Port: 465, TLS: Implicit, Auth: AuthAuto,
			Hint: "Make an app password under Account security; your own password is refused.",
		},
		{
			Name: "zoho", Host: "smtp.zoho.com", Port: 465, TLS: Implicit, Auth: AuthAuto,
			Hint: "Accounts of the European data centre need host=smtp.zoho.eu; with 2-step verification make an app password.",
		},
	}
}

// PresetNamed finds a provider; some have a second name.
func PresetNamed(name string) (Preset, bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	switch name {
	case "google", "googlemail":
		name = "gmail"
	case "microsoft365", "exchange", "exchange-online":
		name = "office365"
	case "hotmail", "live":
		name = "outlook"
	}
	for _, p := range Presets() {
		if p.Name == name {
			return p, true
		}
	}
	return Preset{}, false
}

func providerNames() []string {
	var names []string
	for _, p := range Presets() {
		names = append(names, p.Name)
	}
	return names
}
