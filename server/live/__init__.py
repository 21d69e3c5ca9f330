"""Live: telling devices with an open stream that something is there for them.

It carries no data, it may lose a word, and nothing depends on it but speed. It knows nothing of records or people:
what a device may see is looked up by whoever puts the rooms together.
"""
