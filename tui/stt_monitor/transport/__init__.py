"""A websocket to a service: connection, retries, failures, what went over the wire."""
