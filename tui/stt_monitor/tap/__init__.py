"""A tap on the calls of a running agent: forwards bytes unchanged, and copies them to the monitor."""
