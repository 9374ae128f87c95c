"""`stt-monitor sweep`: its options and its plan."""
