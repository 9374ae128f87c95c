"""Sessions as pages, tables and JUnit."""
