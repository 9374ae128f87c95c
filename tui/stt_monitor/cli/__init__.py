"""The command line: arguments, environment, exit codes; one module per command."""
