"""Draws the timeline as lanes of cells."""
