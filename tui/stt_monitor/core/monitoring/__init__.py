"""Folds the journal of a session into its state: turns, audio, connection, notes, stalls."""
