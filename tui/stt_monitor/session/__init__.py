"""Everything between a source and the journal; knows no screen."""
