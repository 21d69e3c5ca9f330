"""The parts of the command line: which there are, and how each is imported when it is called."""
