"""A turn, its states, and the turns of a session: from events to values."""
