"""Speech synthesis, for `/tts/bytes`."""
