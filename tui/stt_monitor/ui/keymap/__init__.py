"""Keys of the main screen: one table, and what is made of it."""
