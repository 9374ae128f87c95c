"""The command about saved sessions: it lists, names and deletes them."""
