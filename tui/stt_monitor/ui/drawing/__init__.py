"""Draws snapshots and frames as lines and cells; no widgets."""
