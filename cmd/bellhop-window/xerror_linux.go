//go:build !wayland || x11

package main

/*
#cgo LDFLAGS: -lX11
#include <stdio.h>
#include <X11/Xlib.h>

static int say(Display *display, XErrorEvent *e) {
	char text[128];
	XGetErrorText(display, e->error_code, text, sizeof text);
	fprintf(stderr, "bellhop-window: the screen refused a request and the window goes on: %s (request %d)\n", text, e->request_code);
	return 0;
}

static void surviveErrors(void) { XSetErrorHandler(say); }
*/
import "C"

// surviveScreen keeps the program alive where the X server refuses one of the
// toolkit's requests. Xlib's own answer is to end the process. GLFW asks for the
// keyboard without the window manager where none had come up when the window
// started (x11_window.c, _glfwFocusWindowX11), which the server refuses if the
// window is just being hidden; a refused request costs no more than itself.
// GLFW's own handlers, set around what it expects to fail, stand above this one.
func surviveScreen() { C.surviveErrors() }
