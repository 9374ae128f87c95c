"""Conditions on metrics: expressions, verdicts, the turns behind a failure, and comparison with a baseline. Pure."""
