"""Turn detection: start, eager end, resume and end of turns."""
