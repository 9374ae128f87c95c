"""The local server: a websocket server that speaks the vendor's protocol, offline."""
