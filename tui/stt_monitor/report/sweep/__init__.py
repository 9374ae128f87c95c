"""The result of a sweep as a page, Markdown, data, and a table in words."""
