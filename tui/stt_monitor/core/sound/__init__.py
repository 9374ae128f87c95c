"""The audio of a session: what was sent when, how loud it was, and the speech in it."""
