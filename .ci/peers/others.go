package main

import (
	"context"
	"errors"
	"log"
	"strings"

	"github.com/nicholas-fedor/shoutrrr"
	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
	"github.com/nikoksr/notify"
	web "github.com/nikoksr/notify/service/http"
	"github.com/nikoksr/notify/service/mail"
)

func nothing() {}

func shoutrrrHTTP(address string, _ int) (sender, func(), error) {
	return byShoutrrr("generic://" + address + "/?template=json&disabletls=yes")
}

// shoutrrrMail sends mails of the size and the parts that Bellhop's have. A service
// keeps the mark between the parts in itself, so that each worker has one of its own.
// It opens a connection for each mail and knows no other way.
func shoutrrrMail(address string, workers int) (sender, func(), error) {
	url := "smtp://" + address + "/?from=a@example.com&to=b@example.com&auth=None&encryption=None&usestarttls=no&usehtml=yes"
	free := make(chan types.Service, workers)
	for range workers {
		r, err := router.New(log.New(discard{}, "", 0))
		if err != nil {
			return nil, nil, err
		}
		service, err := r.Locate(url)
		if err != nil {
			return nil, nil, err
		}
		templated, ok := service.(types.Templater)
		if !ok {
			return nil, nil, errors.New("shoutrrr's mails have no templates any more")
		}
		if err := templated.SetTemplateString("HTML", mailHTML); err != nil {
			return nil, nil, err
		}
		free <- service
	}
	return func(_ context.Context, n int) error {
		service := <-free
		defer func() { free <- service }()
		return service.Send(mailText, &types.Params{"title": title(n)})
	}, nothing, nil
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
	n := notify.NewWithServices(service)
	html := strings.ReplaceAll(mailHTML, "{{.message}}", mailText) // its mails have one part
	return func(ctx context.Context, i int) error { return n.Send(ctx, title(i), html) }, nothing, nil
}

func byNotify(service notify.Notifier) (sender, func(), error) {
	n := notify.NewWithServices(service)
	return func(ctx context.Context, i int) error { return n.Send(ctx, title(i), text) }, nothing, nil
}
