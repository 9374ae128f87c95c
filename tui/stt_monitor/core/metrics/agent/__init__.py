"""Metrics of the agent's side of a call."""
