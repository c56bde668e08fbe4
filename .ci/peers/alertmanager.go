package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// alertmanager starts the binary and lets it tell the receiver of n alerts, each in a group of its own, which is
// its way to send one message for each.
func alertmanager(ctx context.Context, binary, address string, n int) error {
	dir, err := os.MkdirTemp("", "peers-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	config := "route: {receiver: hook, group_by: ['...'], group_wait: 0s, group_interval: 1h, repeat_interval: 24h}\n" +
		"receivers: [{name: hook, webhook_configs: [{url: 'http://" + address + "/', send_resolved: false}]}]\n"
	if err := os.WriteFile(filepath.Join(dir, "config.yml"), []byte(config), 0o600); err != nil {
		return err
	}
	at, err := freeAddress()
	if err != nil {
		return err
	}
	running, end := context.WithCancel(ctx)
	defer end()
	process := exec.CommandContext(running, binary, "--config.file="+filepath.Join(dir, "config.yml"), "--storage.path="+dir,
		"--cluster.listen-address=", "--web.listen-address="+at, "--log.level=error")
	process.Stderr = os.Stderr
	if err := process.Start(); err != nil {
		return err
	}
	defer func() { end(); _ = process.Wait() }()
	if err := until(ctx, func() bool { _, err := get("http://" + at + "/-/ready"); return err == nil }); err != nil {
		return fmt.Errorf("Alertmanager does not answer: %w", err)
	}
	before, err := taken(address)
	if err != nil {
		return err
	}
	began := time.Now()
	const batch = 1000
	for i := 0; i < n; i += batch {
		if err := post("http://"+at+"/api/v2/alerts", i, min(batch, n-i)); err != nil {
			return err
		}
	}
	if err := until(ctx, func() bool { now, err := taken(address); return err == nil && now-before >= n }); err != nil {
		now, _ := taken(address)
		return fmt.Errorf("%d of %d alerts arrived: %w", now-before, n, err)
	}
	fmt.Printf("%.0f\n", float64(n)/time.Since(began).Seconds())
	return nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// until waits for a condition for at most two minutes.
func until(ctx context.Context, ok func() bool) error {
	ctx, end := context.WithTimeout(ctx, 2*time.Minute)
	defer end()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-again.C:
		}
	}
	return nil
}

func get(url string) (string, error) {
	resp, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = errors.New(resp.Status)
	}
	return string(body), err
}

func taken(address string) (int, error) {
	body, err := get("http://" + address + "/")
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(body)
}

func post(url string, first, n int) error {
	type alert struct {
		Labels      map[string]string `json:"labels"`
		Annotations map[string]string `json:"annotations"`
	}
	list := make([]alert, n)
	for i := range list {
		list[i] = alert{map[string]string{"alertname": "scan_added", "test": strconv.Itoa(first + i)}, map[string]string{"title": title(first + i), "description": text}}
	}
	body, err := json.Marshal(list)
	if err != nil {
		return err
	}
	resp, err := http.Post(url, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	return nil
}
