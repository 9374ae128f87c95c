"""Reference labels and transcripts of recordings: one reader per file format."""
