"""The pure core: events in, turns and figures out. No I/O, no clock of its own; time is an argument."""
