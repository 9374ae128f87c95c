"""The report as one HTML page. Python makes values, the templates in `templates/` lay them out."""
