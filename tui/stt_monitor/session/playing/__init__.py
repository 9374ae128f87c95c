"""Lets the user hear stretches of a session."""
