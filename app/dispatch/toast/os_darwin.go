package toast

// harmless makes a plain line safe for the way toasts take on this system.
func harmless(s string) string { return harmlessDarwin(s) }

// Capabilities are fixed on macOS.
func (t *Toaster) Capabilities() Capabilities { return Capabilities{Server: "macOS", Present: true} }
