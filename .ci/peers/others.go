package main

import (
	"context"
	"errors"
	"log"

	"github.com/nicholas-fedor/shoutrrr"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
	"github.com/nikoksr/notify"
	web "github.com/nikoksr/notify/service/http"
	"github.com/nikoksr/notify/service/mail"
)

func nothing() {}

func shoutrrrHTTP(address string, _ int) (sender, func(), error) {
	return byShoutrrr("generic://" + address + "/?template=json&disabletls=yes")
}

func shoutrrrMail(address string, _ int) (sender, func(), error) {
	return byShoutrrr("smtp://" + address + "/?from=a@example.com&to=b@example.com&auth=None&encryption=None&usestarttls=no")
}

func byShoutrrr(url string) (sender, func(), error) {
	router, err := shoutrrr.NewSender(log.New(discard{}, "", 0), url)
	if err != nil {
		return nil, nil, err
	}
	return func(_ context.Context, n int) error {
		return errors.Join(router.Send(text, &types.Params{"title": title(n)})...)
	}, nothing, nil
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func notifyHTTP(address string, _ int) (sender, func(), error) {
	service := web.New()
	service.AddReceiversURLs("http://" + address + "/")
	return byNotify(service)
}

func notifyMail(address string, _ int) (sender, func(), error) {
	service := mail.New("a@example.com", address)
	service.AddReceivers("b@example.com")
	return byNotify(service)
}

func byNotify(service notify.Notifier) (sender, func(), error) {
	n := notify.NewWithServices(service)
	return func(ctx context.Context, i int) error { return n.Send(ctx, title(i), text) }, nothing, nil
}
