"""Word error rate: both sides as they are spoken, and the distance between them."""
