"""Sessions of the calls that a tap watches: what a session of our own makes of its sound, made of copies."""
