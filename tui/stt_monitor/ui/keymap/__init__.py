"""Keys of the main screen: one table, and everything made from it."""
