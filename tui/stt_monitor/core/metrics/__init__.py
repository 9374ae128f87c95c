"""Metrics: definitions, measurement, counting, summaries."""
