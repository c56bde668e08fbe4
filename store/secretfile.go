package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"bellhop/app"
)

const (
	secretFileName = "secrets.enc"
	secretKeyName  = "secrets.key"
)

// secretFile keeps secrets where there is no keyring: one JSON object,
// encrypted with AES-256-GCM. The key lies beside it, readable for the user
// alone. That keeps secrets out of backups and search indexes that take
// one of the files, and out of other users' reach; it does not keep them from
// a program that runs as the user.
type secretFile struct {
	dir string
	mu  sync.Mutex
}

// secretLabel is authenticated with the content; a later form has another one.
var secretLabel = []byte("bellhop secrets 1")

func (f *secretFile) get(user string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.read()
	if err != nil {
		return "", err
	}
	value, ok := all[user]
	if !ok {
		return "", app.ErrNotFound
	}
	return value, nil
}

func (f *secretFile) set(user, value string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.read()
	if err != nil {
		// What cannot be read any more must not stop a new sign-in.
		if err := os.Rename(f.path(), f.path()+".unreadable"); err != nil {
			return err
		}
		all = nil
	}
	if all == nil {
		all = make(map[string]string)
	}
	all[user] = value
	return f.write(all)
}

func (f *secretFile) drop(user string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.read()
	if err != nil {
		return err
	}
	if _, ok := all[user]; !ok {
		return nil
	}
	delete(all, user)
	return f.write(all)
}

func (f *secretFile) path() string { return filepath.Join(f.dir, secretFileName) }

// read returns all secrets, nil where there is no file.
func (f *secretFile) read() (map[string]string, error) {
	sealed, err := os.ReadFile(f.path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // nil is the empty map here
	}
	if err != nil {
		return nil, err
	}
	box, err := f.box()
	if err != nil {
		return nil, err
	}
	var all map[string]string
	if len(sealed) < box.NonceSize() {
		return nil, unreadable(errors.New("too short"))
	}
	plain, err := box.Open(nil, sealed[:box.NonceSize()], sealed[box.NonceSize():], secretLabel)
	if err != nil {
		return nil, unreadable(err)
	}
	if err := json.Unmarshal(plain, &all); err != nil {
		return nil, unreadable(errors.New("not an object")) // the cause could quote the content
	}
	return all, nil
}

func unreadable(err error) error {
	return app.NewProblem("secrets_unreadable", "The file with the encrypted passwords cannot be read any more.",
		"Sign in again.", true, err)
}

func (f *secretFile) write(all map[string]string) error {
	box, err := f.box()
	if err != nil {
		return err
	}
	plain, err := json.Marshal(all)
	if err != nil {
		return err
	}
	nonce := make([]byte, box.NonceSize())
	_, _ = rand.Read(nonce) // never fails since Go 1.24
	return writeWhole(f.path(), box.Seal(nonce, nonce, plain, secretLabel))
}

// box returns the cipher with the key beside the file, which is made where
// there is none.
func (f *secretFile) box() (cipher.AEAD, error) {
	path := filepath.Join(f.dir, secretKeyName)
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key = make([]byte, 32)
		_, _ = rand.Read(key) // never fails since Go 1.24
		err = writeWhole(path, key)
	}
	if err != nil {
		return nil, fmt.Errorf("read the key: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, fmt.Errorf("protect the key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, unreadable(err)
	}
	return cipher.NewGCM(block)
}

// writeWhole puts content in place of the file at path: all of it or nothing,
// readable for the user alone.
func writeWhole(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncFolder(filepath.Dir(path))
}
