package toast

// harmless makes a plain line safe for the way toasts take on this system.
func harmless(s string) string { return harmlessWindows(s) }

// Capabilities are fixed on Windows.
func (t *Toaster) Capabilities() Capabilities { return Capabilities{Server: "Windows", Present: true} }
