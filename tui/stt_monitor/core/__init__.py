"""Pure: events, turns, journal, monitor, snapshots, records."""
