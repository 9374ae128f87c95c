"""Commands about sessions that were kept, a module each; `cli` loads them when they are asked for."""
