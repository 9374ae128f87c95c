"""From snapshots to cells, frames and lines; no widget."""
