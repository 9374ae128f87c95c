"""Sound: formats, files, pacing, and where speech really was."""
