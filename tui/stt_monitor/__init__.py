"""stt-monitor: watch a turn-based streaming speech-to-text service live in the terminal."""

__version__ = "0.1.0"
