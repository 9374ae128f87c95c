"""Several services side by side: the parts of the view, and the view."""
