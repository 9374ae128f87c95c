"""Lines instead of a screen."""
