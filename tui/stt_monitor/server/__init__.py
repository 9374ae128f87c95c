"""The local server: the same protocol, with real recognition and turn detection."""
