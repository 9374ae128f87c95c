"""Commands beside the monitoring itself, a module each; `cli` loads them when they are asked for."""
