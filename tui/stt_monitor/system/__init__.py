"""The process around the program: standard streams, files, what is written down of bugs."""
