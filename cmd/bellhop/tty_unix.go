//go:build unix

package main

// ttyName opens the terminal that the program was started from.
const ttyName = "/dev/tty"
