package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// rawHTTP is the floor: bytes that are made once, over sockets that stay open.
func rawHTTP(address string, workers int) (sender, func(), error) {
	body := fmt.Sprintf(`{"title": %q, "description": %q}`, title(1), text)
	request := []byte("POST / HTTP/1.1\r\nHost: " + address + "\r\nContent-Type: application/json\r\nContent-Length: " +
		strconv.Itoa(len(body)) + "\r\n\r\n" + body)
	return overSockets(address, workers, func(l *line) error { return l.talk(request, "\r\n\r\n") })
}

// rawMail is the same for mails.
func rawMail(address string, workers int) (sender, func(), error) {
	html := strings.ReplaceAll(mailHTML, "\n", "\r\n")
	body := []byte("From: a@example.com\r\nTo: b@example.com\r\nSubject: " + title(1) + "\r\n\r\n" + mailText + html + ".\r\n")
	return overSockets(address, workers, func(l *line) error {
		if !l.greeted {
			l.greeted = true
			if _, err := l.r.ReadSlice('\n'); err != nil {
				return err
			}
		}
		if _, err := l.conn.Write([]byte("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n")); err != nil {
			return err
		}
		for range 3 {
			if _, err := l.r.ReadSlice('\n'); err != nil {
				return err
			}
		}
		return l.talk(body, "\n")
	})
}

// line is a connection that stays open.
type line struct {
	conn    net.Conn
	r       *bufio.Reader
	greeted bool
}

// talk writes and reads until an end.
func (l *line) talk(said []byte, end string) error {
	if _, err := l.conn.Write(said); err != nil {
		return err
	}
	for first := true; ; first = false {
		answer, err := l.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && end == "\r\n\r\n" && string(answer) != "HTTP/1.1 204 No Content\r\n" {
			return fmt.Errorf("the receiver said %q", answer)
		}
		if end == "\n" || string(answer) == "\r\n" {
			return nil
		}
	}
}

func overSockets(address string, workers int, talk func(*line) error) (sender, func(), error) {
	free := make(chan *line, workers)
	for range workers {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return nil, nil, err
		}
		free <- &line{conn: conn, r: bufio.NewReader(conn)}
	}
	send := func(context.Context, int) error {
		l := <-free
		defer func() { free <- l }()
		return talk(l)
	}
	return send, func() {
		for range workers {
			_ = (<-free).conn.Close()
		}
	}, nil
}
