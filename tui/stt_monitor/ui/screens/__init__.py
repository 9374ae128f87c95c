"""Screens and overlays."""
