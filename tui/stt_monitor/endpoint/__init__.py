"""The local endpoint: a websocket server that speaks the vendor's protocol, offline."""
