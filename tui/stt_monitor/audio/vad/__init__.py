"""Voice activity detection: the network, and the onsets and ends that follow from it."""
