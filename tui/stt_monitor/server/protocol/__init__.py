"""The service's side of the wire protocol: queries, messages, turn events, refusals."""
