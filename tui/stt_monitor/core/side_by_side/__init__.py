"""Compares services on the same audio: rows of reference speech, figures, text differences. Pure."""
