"""Audio: formats, sources, devices, pacing, resampling, speech detection, references."""
