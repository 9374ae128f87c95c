"""The process around the program: standard streams, files, hosts, the error log."""
