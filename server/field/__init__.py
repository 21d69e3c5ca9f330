"""The business of the archive: what comes in, what is alike, what a person has to decide."""
