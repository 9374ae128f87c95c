"""A tap on the calls of a running agent: forwards bytes unchanged, and hands copies to whoever watches."""
