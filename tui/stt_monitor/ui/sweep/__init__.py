"""The screen of a sweep: cells that fill, the curve as it grows, and the sessions behind them."""
