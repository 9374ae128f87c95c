"""Reports on saved sessions, and verdicts on assertions. Text from outside is escaped as each format needs it."""
