"""Sanitizing text from outside, parsing paths, formatting times."""
