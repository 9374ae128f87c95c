"""`stt-monitor sweep`: what it measures, and how it is asked for."""
