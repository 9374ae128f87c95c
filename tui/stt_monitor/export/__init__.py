"""Turns in the formats of other programs, a module each. Pure: the picture of a session in, text out.

The text comes piece by piece, for there may be a day of it.

All times are seconds of audio, counted from its first sample.
"""
