"""Checks of a setup: `stt-monitor doctor`."""
