"""The options of commands: what they are called, and what they choose."""
