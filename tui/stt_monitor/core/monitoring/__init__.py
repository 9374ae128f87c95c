"""Folds the journal of a session into what is known of it: turns, sound, connection, notes, stalls."""
