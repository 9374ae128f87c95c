"""The audio of a session: what was sent when, and what speech is in it."""
