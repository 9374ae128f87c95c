"""Audio devices: found, captured, played on. PortAudio is loaded here alone."""
