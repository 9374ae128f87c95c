"""Sessions that heard the same audio, compared turn by turn. Pure."""
