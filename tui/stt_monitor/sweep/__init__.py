"""Sweeps: many sessions over the same recordings, several at once; their plan, their folder, their sound."""
