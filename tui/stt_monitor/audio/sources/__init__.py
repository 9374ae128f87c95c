"""Sources of audio: files and pipes, paced in real time and fanned out."""
