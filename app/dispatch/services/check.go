package services

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/matrix"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/telegram"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/ifttt"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/pushbullet"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"bellhop/app"
)

const codeAddress = "bad_address"

// Names returns the services by the schemes of their addresses.
func Names() []string { return slices.Sorted(maps.Keys(kinds)) }

// Forms returns what the addresses of the services look like, by the services'
// names. What else can stand in one is shoutrrr's documentation to tell.
func Forms() []string {
	var forms []string
	for _, name := range Names() {
		forms = append(forms, kinds[name].form)
	}
	return forms
}

// Name returns what may be shown of a service's address: the service, and
// nothing else; "" where it is none.
func Name(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return ""
	}
	return kinds[scheme(u)].name
}

// scheme is the service of an address; generic+https is generic.
func scheme(u *url.URL) string {
	s, _, _ := strings.Cut(strings.ToLower(u.Scheme), "+")
	if s == "hangouts" { // shoutrrr's older name
		return "googlechat"
	}
	return s
}

// Check says what is wrong with a service's address, nil where nothing is. It
// touches no network, and what it says has nothing of the address in it but the
// scheme.
func Check(_, secrets map[string]string) *app.Problem {
	_, _, p := read(secrets["url"])
	return p
}

// read finds the service of an address, and whether shoutrrr can be set to it.
func read(address string) (k kind, u *url.URL, p *app.Problem) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Scheme == "" {
		return kind{}, nil, problem("The service has no usable address.", "Give one as shoutrrr writes it, for example "+kinds["ntfy"].form+".")
	}
	name := scheme(u)
	if step, ok := elsewhere[name]; ok {
		return kind{}, nil, problem("Services of the kind "+name+" are not reached through this channel.", step)
	}
	k, ok := kinds[name]
	if !ok {
		return kind{}, nil, problem(fmt.Sprintf("There is no service %q.", app.Cut(name, 40)), "The services are: "+strings.Join(Names(), ", ")+".")
	}
	if p := refused(name, u); p != nil {
		return kind{}, nil, p
	}
	service := k.make()
	if u, err = ready(service, u); err != nil {
		return kind{}, nil, problem("The address of "+k.name+" cannot be used.", "It has to look like "+k.form+".")
	}
	return k, u, oneReceiver(service, k)
}

// ready sets a service to its address, and returns that as shoutrrr's services
// take it: without the scheme behind a plus. It returns what shoutrrr panics
// with, as it does for a room without a name. The errors carry tokens.
func ready(service types.Service, u *url.URL) (_ *url.URL, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("shoutrrr: %v", r)
		}
	}()
	plain := *u
	if strings.Contains(u.Scheme, "+") {
		custom, ok := service.(types.CustomURLService)
		if !ok {
			return nil, app.ErrInvalid
		}
		converted, err := custom.GetConfigURLFromCustom(u)
		if err != nil {
			return nil, err
		}
		plain = *converted
	}
	plain.Scheme = scheme(u)
	again := plain // services write to what they are given
	return &plain, service.Initialize(&again, nil)
}

// refused names the settings in an address that would make a message unsafe, or
// something else than it is.
func refused(name string, u *url.URL) *app.Problem {
	on := func(value string) bool {
		return !slices.Contains([]string{"no", "false", "0", "n", ""}, strings.ToLower(value))
	}
	for key, values := range u.Query() {
		value, key := values[0], strings.ToLower(key)
		switch {
		case (key == "disabletlsverification" || key == "insecureskipverify") && on(value):
			return problem("The address switches off the check of certificates.", "Leave "+key+" out, and add the server's authority to those of this computer.")
		case name == "telegram" && key == "parsemode" && !strings.EqualFold(value, "none"):
			return problem("Bellhop's texts are plain, and Telegram would take them for markup.", "Leave parsemode out.")
		case name == "discord" && key == "json" && on(value):
			return problem("Bellhop's texts are no JSON of Discord's.", "Leave json out.")
		case name == "generic" && key == "template" && !strings.EqualFold(value, "json"):
			return problem("There is no such template.", "Use template=json, or leave it out: then the text alone is sent.")
		}
	}
	if password, _ := u.User.Password(); name == "matrix" && (u.User.Username() != "" || password == "") {
		return problem("Matrix needs an access token: with a password, every message would sign in anew and leave a device behind.",
			"Copy the token from your client's settings (Help, Access Token). The address is "+kinds[name].form+".")
	}
	return nil
}

// oneReceiver refuses an address that leads to several places: where one of them
// fails, the others would get the message again.
func oneReceiver(service types.Service, k kind) *app.Problem {
	n := 1
	switch s := service.(type) {
	case *telegram.Service:
		n = len(s.Config.Chats)
	case *matrix.Service:
		n = len(s.Config.Rooms)
	case *ifttt.Service:
		n = len(s.Config.Events)
	case *pushbullet.Service:
		n = len(s.Config.Targets)
	}
	if n == 1 {
		return nil
	}
	return problem(fmt.Sprintf("The address of %s leads to %d places, not to one.", k.name, n), "Add a destination for each of them. It has to look like "+k.form+".")
}

func problem(message, step string) *app.Problem {
	return app.NewProblem(codeAddress, message, step, true, app.ErrInvalid)
}
