"""Speech detection: the network, and from its probabilities to onsets and ends."""
