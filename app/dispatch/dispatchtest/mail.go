package dispatchtest

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
)

// Mail is a mail as its reader's program sees it.
type Mail struct {
	mail.Header
	Subject    string
	Text, HTML string // line ends are \n
}

// ReadMail takes a mail apart with the standard library, which did not write
// it. It has to have a text and a page, and nothing else.
func ReadMail(raw io.Reader) (Mail, error) {
	m, err := mail.ReadMessage(raw)
	if err != nil {
		return Mail{}, err
	}
	got := Mail{Header: m.Header}
	if got.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return got, err
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		return got, fmt.Errorf("the mail is %q: %w", kind, err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := parts.NextPart() // it decodes quoted-printable
		if errors.Is(err, io.EOF) && got.Text != "" && got.HTML != "" {
			return got, nil
		}
		if err != nil {
			return got, fmt.Errorf("the next part: %w", err)
		}
		all, err := io.ReadAll(p)
		if err != nil {
			return got, err
		}
		text := strings.ReplaceAll(string(all), "\r\n", "\n")
		switch kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type")); kind {
		case "text/plain":
			got.Text = text
		case "text/html":
			got.HTML = text
		default:
			return got, fmt.Errorf("a part is %q", kind)
		}
	}
}
