"""Settings of a service: requested, edited, in force."""
