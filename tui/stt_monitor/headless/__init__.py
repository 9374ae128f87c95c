"""Monitoring without a screen: lines on standard output."""
