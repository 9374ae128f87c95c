"""Degrades recordings: the arms of `--degrade`, block by block."""
