"""A sweep: many settings over the same recordings. What its cells are, what they say, and what follows. Pure."""
