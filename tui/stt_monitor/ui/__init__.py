"""The screen: snapshots in, pixels out. It reads no clock and no wire, and computes no figure."""
