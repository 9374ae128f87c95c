"""Every number: its definition, how it is measured, counted and summarised."""
