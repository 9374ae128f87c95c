"""Sessions kept in folders: written as they happen, listed, read again."""
