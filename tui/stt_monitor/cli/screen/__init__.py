"""The screen: the terminal that it needs, and every way out of it."""
