"""The client's side of the websocket."""
