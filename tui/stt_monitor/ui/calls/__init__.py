"""The screen of a tap: the list of its calls, and the session of the one that is opened."""
