package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
)

// receive takes what comes and keeps nothing. GET tells how many requests came.
func receive(ctx context.Context) error {
	var config net.ListenConfig
	web, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	post, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	var taken atomic.Int64
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, strconv.FormatInt(taken.Load(), 10))
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		taken.Add(1)
		w.WriteHeader(http.StatusNoContent)
	})}
	go func() { _ = server.Serve(web) }()
	go func() {
		for {
			conn, err := post.Accept()
			if err != nil {
				return
			}
			go talk(conn)
		}
	}()
	fmt.Println(web.Addr(), post.Addr())
	_, err = io.Copy(io.Discard, os.Stdin) // until whoever started us is gone
	return err
}

// talk takes mails. Like the servers that are in use, it offers PIPELINING (RFC 2920)
// and answers together what was said together.
func talk(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	r, w := bufio.NewReaderSize(conn, 64<<10), bufio.NewWriter(conn)
	say := func(text string) {
		_, _ = w.WriteString(text)
		if r.Buffered() == 0 {
			_ = w.Flush()
		}
	}
	say("220 sink\r\n")
	for data := false; ; {
		line, err := r.ReadSlice('\n')
		switch {
		case err != nil:
			return
		case data && string(line) == ".\r\n":
			data = false
			say("250 ok\r\n")
		case data:
		case bytes.HasPrefix(line, []byte("EHLO")):
			say("250-sink\r\n250-8BITMIME\r\n250 PIPELINING\r\n")
		case bytes.HasPrefix(line, []byte("DATA")):
			data = true
			say("354 go\r\n")
		case bytes.HasPrefix(line, []byte("QUIT")):
			say("221 bye\r\n")
			_ = w.Flush()
			return
		default:
			say("250 ok\r\n")
		}
	}
}
