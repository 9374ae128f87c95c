"""Exports turns in the formats of other programs, a module each. Pure: a snapshot in, text out.

Text is yielded piece by piece: a session may last a day. Times are seconds of audio from its first sample.
"""
