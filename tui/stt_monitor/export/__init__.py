"""Turns in the formats of other programs, a module each. Pure: the picture of a session in, text out.

All times are seconds of audio, counted from its first sample.
"""
