"""Text from outside and paths from people, made fit to be shown or opened."""
