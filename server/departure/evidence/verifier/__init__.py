"""The verifier of a pack: small modules that are put together into one file, `verify_pack.py`.

They use Python's standard library and nothing else, so that an expert runs the file without us. What is checked here
is written again from the formats' description, not shared with the code that makes the pack.
"""
