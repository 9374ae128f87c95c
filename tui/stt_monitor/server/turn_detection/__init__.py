"""When a turn starts, might be over, and is over."""
