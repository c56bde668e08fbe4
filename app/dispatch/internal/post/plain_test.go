package post_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"testing"

	"bellhop/app/dispatch/internal/post"
)

var answers = []string{
	taken, takenOne,
	"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\ncontent-length:  2 \r\n\r\nok",
	"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok",
	// The rest is for the standard library.
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n more\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nyes",
	"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 500 No\r\n\r\n",
	"HTTP/1.1 200 OK\r\n\r\nyes",
	"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
}

func TestPlainAnswersArePlain(t *testing.T) {
	t.Parallel()
	for i, said := range answers {
		if _, ok := post.Plain([]byte(said), 100); ok != (i < 5) {
			t.Errorf("%q: plain is %v", said, ok)
		}
	}
	if _, ok := post.Plain([]byte(takenOne), 2); ok {
		t.Error("a body that is longer than allowed was taken")
	}
}

// What the short way takes for an answer is what the standard library reads.
func FuzzPlainAnswer(f *testing.F) {
	for _, said := range answers {
		f.Add([]byte(said))
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		got, ok := post.Plain(said, 1000)
		if !ok {
			return
		}
		r := bufio.NewReader(bytes.NewReader(said))
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatalf("%q: the standard library says %v", said, err)
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != got.Status || !bytes.Equal(body, got.Body) || resp.Close || r.Buffered() != 0 {
			t.Errorf("%q: %d %q, the standard library has %d %q, %v, closes %v, %d bytes left",
				said, got.Status, got.Body, resp.StatusCode, body, err, resp.Close, r.Buffered())
		}
	})
}
