"""Records of a session, as `--json` prints them: one object per line, with a `kind`.

`tui/docs/json.md` is generated from the types and docstrings here: write them for its readers.
"""
