"""Sound: formats, sources, devices, pacing, resampling, detection, references."""
