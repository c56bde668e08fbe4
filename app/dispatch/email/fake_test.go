package email_test

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"bellhop/app/dispatch/dispatchtest"
)

// script is what a scripted mail server does otherwise than a good one.
type script struct {
	// offers are the extensions; nil = PIPELINING, 8BITMIME, SMTPUTF8, SIZE.
	offers []string
	// noSTARTTLS leaves the offer out; implicit speaks TLS at once.
	noSTARTTLS, implicit bool
	// eager takes DATA when nobody is there to take the message.
	eager bool
	cert  *tls.Certificate
	// mechanisms are the ways to sign in; nil = PLAIN.
	mechanisms []string
	// says has answers for a verb (CONNECT, EHLO, AUTH, MAIL, RCPT, DATA, END,
	// RSET), taken one by one; an empty one is the usual answer. "drop" closes
	// the connection, "stall" says nothing any more, "flood" does not stop,
	// "dribble" begins and stalls. The last answer with a "*" in front stays.
	says map[string][]string
	// token is what XOAUTH2 takes.
	token func(string) bool
	// rounds of SCRAM; 0 = 4096.
	rounds int
}

// fake is a mail server that does what its script says and is strict in all
// the rest: order, line ends, line lengths, 7 bit.
type fake struct {
	script
	addr     string
	ca       string
	arrived  chan struct{}
	listener net.Listener
	running  sync.WaitGroup

	mu          sync.Mutex
	connections int
	commands    []string
	mails       []taken
	open        map[net.Conn]bool
	wrong       []string
}

// taken is a mail that the server has taken.
type taken struct {
	from, to, with string // with is who signed in, and how
	raw            []byte
	connection     int
}

func startFake(tb testing.TB, s script) *fake {
	tb.Helper()
	a := dispatchtest.NewAuthority(tb)
	if s.cert == nil {
		cert := a.Issue(tb, "127.0.0.1", time.Now().Add(time.Hour))
		s.cert = &cert
	}
	if s.offers == nil {
		s.offers = []string{"PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 10485760", "ENHANCEDSTATUSCODES"}
	}
	if s.mechanisms == nil {
		s.mechanisms = []string{"PLAIN"}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(tb, err)
	f := &fake{script: s, addr: l.Addr().String(), ca: a.File, arrived: make(chan struct{}, 100), listener: l, open: map[net.Conn]bool{}}
	f.running.Go(f.serve)
	tb.Cleanup(func() {
		_ = l.Close()
		f.drop()
		f.running.Wait()
		for _, w := range f.wrong {
			tb.Errorf("the server saw: %s", w)
		}
	})
	return f
}

func (f *fake) serve() {
	for {
		conn, err := f.listener.Accept()
		if err != nil {
			return
		}
		f.mu.Lock()
		f.connections++
		n := f.connections
		f.open[conn] = true
		f.mu.Unlock()
		f.running.Go(func() {
			d := &dialogue{fake: f, conn: conn, n: n, sealed: f.implicit}
			if f.implicit {
				d.conn = tls.Server(conn, f.config())
			}
			d.r = bufio.NewReader(d.conn)
			d.run()
			_ = conn.Close()
			f.mu.Lock()
			delete(f.open, conn)
			f.mu.Unlock()
		})
	}
}

func (f *fake) config() *tls.Config { return &tls.Config{Certificates: []tls.Certificate{*f.cert}} }

// drop closes every connection.
func (f *fake) drop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for conn := range f.open {
		_ = conn.Close()
	}
}

func (f *fake) taken() []taken {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]taken(nil), f.mails...)
}

// seen counts commands that begin so.
func (f *fake) seen(verb string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.commands {
		if strings.HasPrefix(strings.ToUpper(c), verb) {
			n++
		}
	}
	return n
}

// line returns the first command that begins so.
func (f *fake) line(verb string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.commands {
		if strings.HasPrefix(c, verb) {
			return c
		}
	}
	return ""
}

// dialled is how many connections there have been.
func (f *fake) dialled() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.connections
}

// rewrite changes what the server says from now on.
func (f *fake) rewrite(says map[string][]string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.says = says
}

// forgive forgets what was wrong.
func (f *fake) forgive() {
	_ = f.listener.Close()
	f.drop()
	f.running.Wait()
	f.wrong = nil
}

func (f *fake) complain(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.wrong = append(f.wrong, fmt.Sprintf(format, args...))
}

// next takes the script's answer for a verb.
func (f *fake) next(verb string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	left := f.says[verb]
	if len(left) == 0 {
		return ""
	}
	if !strings.HasPrefix(left[0], "*") {
		f.says[verb] = left[1:]
	}
	return strings.TrimPrefix(left[0], "*")
}

// dialogue is one connection.
type dialogue struct {
	*fake
	conn             net.Conn
	r                *bufio.Reader
	n                int
	sealed, over     bool
	from, to, signed string
	eight            bool
}

func (d *dialogue) say(format string, args ...any) {
	for line := range strings.SplitSeq(fmt.Sprintf(format, args...), "\n") {
		_, _ = io.WriteString(d.conn, line+"\r\n")
	}
}

// answer says what the script has for the verb, else the usual, before which
// it does what it is given. It returns whether the usual was said.
func (d *dialogue) answer(verb, usual string, before ...func()) bool {
	switch s := d.next(verb); s {
	case "":
		for _, do := range before {
			do()
		}
		d.say("%s", usual)
		return true
	case "drop":
		d.over = true
	case "stall", "dribble":
		if s == "dribble" {
			_, _ = io.WriteString(d.conn, "250-alm")
		}
		d.arrived <- struct{}{}
		_, _ = io.Copy(io.Discard, d.r)
		d.over = true
	case "flood":
		junk := bytes.Repeat([]byte("x"), 1<<16)
		for {
			if _, err := d.conn.Write(junk); err != nil {
				break
			}
		}
		d.over = true
	default:
		d.say("%s", s)
		d.over = strings.HasPrefix(s, "421")
	}
	return false
}

func (d *dialogue) run() {
	d.answer("CONNECT", "220 mail.example.org ESMTP")
	for !d.over {
		line, err := d.r.ReadString('\n')
		if err != nil {
			return
		}
		most := 1000
		if strings.HasPrefix(line, "AUTH ") {
			most = 12288 // RFC 4954, 4
		}
		if !strings.HasSuffix(line, "\r\n") || len(line) > most {
			d.complain("command %.80q does not end with CRLF or is too long", line)
		}
		line = strings.TrimSuffix(line, "\r\n")
		verb, rest, _ := strings.Cut(line, " ")
		d.mu.Lock()
		d.commands = append(d.commands, line)
		d.mu.Unlock()
		d.obey(strings.ToUpper(verb), rest)
	}
}

func (d *dialogue) obey(verb, rest string) {
	switch verb {
	case "EHLO":
		d.greet()
	case "STARTTLS":
		if !d.answer(verb, "220 go on") {
			return
		}
		d.conn = tls.Server(d.conn, d.config())
		d.r, d.sealed = bufio.NewReader(d.conn), true
	case "AUTH":
		d.auth(rest)
	case "MAIL":
		from, params, _ := strings.Cut(strings.TrimPrefix(rest, "FROM:<"), ">")
		if d.from != "" {
			d.complain("MAIL within a transaction")
		}
		if d.answer(verb, "250 2.1.0 fine") {
			d.from, d.eight = from, strings.Contains(params, "8BITMIME")
		}
	case "RCPT":
		to, _, _ := strings.Cut(strings.TrimPrefix(rest, "TO:<"), ">")
		if d.from == "" { // said together with a MAIL that was refused
			d.say("503 5.5.1 MAIL first")
			return
		}
		if d.answer(verb, "250 2.1.5 fine") {
			d.to = to
		}
	case "DATA":
		switch {
		case d.to == "" && !d.eager:
			d.say("503 5.5.1 RCPT first")
		case d.to == "":
			d.say("354 go on, whoever it is for")
			if line, err := d.r.ReadBytes('\n'); err != nil || string(line) != ".\r\n" {
				d.complain("a message to nobody has a line %.80q", line)
			}
			d.say("554 5.5.1 no valid recipients")
		case d.answer(verb, "354 go on"):
			d.data()
		}
	case "RSET":
		d.from, d.to = "", ""
		d.answer(verb, "250 2.0.0 fine")
	case "QUIT":
		d.say("221 2.0.0 bye")
		d.over = true
	default:
		d.say("500 5.5.1 %s is no command here", verb)
	}
}

func (d *dialogue) greet() {
	lines := append([]string{"mail.example.org"}, d.offers...)
	if !d.sealed && !d.noSTARTTLS {
		lines = append(lines, "STARTTLS")
	}
	if len(d.mechanisms) > 0 && (d.sealed || d.noSTARTTLS) {
		lines = append(lines, "AUTH "+strings.Join(d.mechanisms, " "))
	}
	for i := range lines[:len(lines)-1] {
		lines[i] = "250-" + lines[i]
	}
	lines[len(lines)-1] = "250 " + lines[len(lines)-1]
	d.answer("EHLO", strings.Join(lines, "\n"))
}

func (d *dialogue) data() {
	var raw bytes.Buffer
	for {
		line, err := d.r.ReadBytes('\n')
		if err != nil {
			return
		}
		if !bytes.HasSuffix(line, []byte("\r\n")) || bytes.Contains(line[:len(line)-2], []byte("\r")) {
			d.complain("a bare CR or LF in %.80q", line)
		}
		if len(line) > 1000 {
			d.complain("a line of %d bytes", len(line))
		}
		for _, b := range line {
			if b == 0 || b >= 0x80 && !d.eight {
				d.complain("byte %#x in %.80q", b, line)
				break
			}
		}
		if string(line) == ".\r\n" {
			break
		}
		raw.Write(bytes.TrimPrefix(line, []byte(".")))
	}
	mail := taken{from: d.from, to: d.to, with: d.signed, raw: raw.Bytes(), connection: d.n}
	d.from, d.to = "", ""
	d.answer("END", "250 2.0.0 queued as 12AB", func() {
		d.mu.Lock()
		d.mails = append(d.mails, mail)
		d.mu.Unlock()
	})
}

// ask sends a challenge and returns the answer to it.
func (d *dialogue) ask(challenge string) string {
	d.say("334 %s", base64.StdEncoding.EncodeToString([]byte(challenge)))
	line, err := d.r.ReadString('\n')
	if err != nil {
		d.over = true
		return ""
	}
	got, err := base64.StdEncoding.DecodeString(strings.TrimSpace(line))
	if err != nil {
		return ""
	}
	return string(got)
}

func (d *dialogue) auth(rest string) {
	mechanism, initial, _ := strings.Cut(rest, " ")
	first, _ := base64.StdEncoding.DecodeString(initial)
	if say := d.next("AUTH"); say != "" {
		d.say("%s", say)
		return
	}
	ok, user := false, ""
	switch mechanism {
	case "PLAIN":
		parts := strings.Split(string(first), "\x00")
		ok = len(parts) == 3 && parts[1] == "bellhop" && parts[2] == password
	case "LOGIN":
		user = d.ask("Username:")
		ok = user == "bellhop" && d.ask("Password:") == password
	case "CRAM-MD5":
		mac := hmac.New(md5.New, []byte(password))
		mac.Write([]byte("<1.2@example.org>"))
		ok = d.ask("<1.2@example.org>") == "bellhop "+hex.EncodeToString(mac.Sum(nil))
	case "SCRAM-SHA-256":
		ok = d.scram()
	case "XOAUTH2":
		ok = d.bearer(string(first))
	}
	if !ok {
		d.say("535 5.7.8 Authentication credentials invalid")
		return
	}
	d.signed = mechanism
	d.say("235 2.7.0 welcome")
}

// bearer is Google's side of XOAUTH2: a refusal is a challenge first, to which
// only an empty line is an answer.
func (d *dialogue) bearer(said string) bool {
	token, ok := strings.CutPrefix(said, "user=bellhop\x01auth=Bearer ")
	token, closed := strings.CutSuffix(token, "\x01\x01")
	if !ok || !closed || token == "" || strings.Trim(token, letters+"-._~+/=") != "" {
		d.complain("a sign-in by XOAUTH2 like %.60q", said)
		return false
	}
	if d.token(token) {
		return true
	}
	d.say("334 %s", base64.StdEncoding.EncodeToString([]byte(`{"status":"401","schemes":"bearer mac","scope":"https://mail.google.com/"}`)))
	if line, err := d.r.ReadString('\n'); err == nil && line != "\r\n" {
		d.complain("an answer to the refusal of a token: %.60q", line)
	}
	return false
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// scram is the server's side of RFC 5802 with SHA-256.
func (d *dialogue) scram() bool {
	bare, ok := strings.CutPrefix(d.ask(""), "n,,")
	if !ok {
		return false
	}
	_, nonce, _ := strings.Cut(bare, ",r=")
	rounds := d.rounds
	if rounds == 0 {
		rounds = 4096
	}
	salt := []byte("salt of the test")
	first := fmt.Sprintf("r=%sserver,s=%s,i=%d", nonce, base64.StdEncoding.EncodeToString(salt), rounds)
	final := d.ask(first)
	without, proof, _ := strings.Cut(final, ",p=")
	salted, _ := pbkdf2.Key(sha256.New, password, salt, min(rounds, 5000), 32)
	sum := func(key []byte, text string) []byte {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(text))
		return m.Sum(nil)
	}
	signed := bare + "," + first + "," + without
	clientKey := sum(salted, "Client Key")
	stored := sha256.Sum256(clientKey)
	signature := sum(stored[:], signed)
	for i := range clientKey {
		clientKey[i] ^= signature[i]
	}
	if proof != base64.StdEncoding.EncodeToString(clientKey) || !strings.HasPrefix(bare, "n=bellhop,") {
		return false
	}
	d.ask("v=" + base64.StdEncoding.EncodeToString(sum(sum(salted, "Server Key"), signed)))
	return true
}
