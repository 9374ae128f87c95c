"""Recognition: from samples to text that is never taken back."""
