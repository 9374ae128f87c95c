"""Files that tell what is said in a recording, and when: one reader for each format, whatever is asked of it."""
