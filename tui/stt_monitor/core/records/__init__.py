"""Records of a session, as `--json` prints them: one object a line, with a `kind`.

`tui/docs/json.md` is generated from the types and docstrings here: write them for the people who read it.
"""
