"""Services that heard the same audio, compared: rows of reference speech, figures, differences of text. Pure."""
