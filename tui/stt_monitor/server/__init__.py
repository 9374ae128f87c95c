"""The local server: speaks the services' protocols, with real recognition and turn detection."""
