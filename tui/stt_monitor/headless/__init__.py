"""Output without a screen: plain text, JSON lines, verdicts."""
