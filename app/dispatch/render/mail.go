package render

// maxSubject keeps a hostile title from becoming a wall: RFC 5322, 2.1.1 allows
// 998 characters a line, and mail libraries fold.
const maxSubject = 900

// MailText is a message for mail.
type MailText struct {
	Subject string // one line, not encoded
	Text    string // the text part, complete without the other; lines end with \n
	HTML    string // the HTML part
}

// Mail returns the message about the event.
func Mail(in Input) MailText {
	return MailText{Subject: in.subject()}
}

// subject is DefectDojo's: the team's name and the title.
func (in *Input) subject() string {
	team := in.team()
	if in.Letter {
		team = oneLine(in.Team)
	}
	return shorten(team+" notification: "+oneLine(in.Call.Title), maxSubject)
}

// team is the team's name, as subjects and greetings have it.
func (in *Input) team() string {
	if t := oneLine(in.Team); t != "" {
		return t
	}
	return "DefectDojo"
}
