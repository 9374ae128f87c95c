"""Assertions, baselines and their verdicts, after a run and of saved sessions."""
