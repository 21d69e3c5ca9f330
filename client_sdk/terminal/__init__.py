"""A phone in a terminal: `python -m client_sdk.terminal DIRECTORY`. A JSON command a line in, a JSON answer a line out.

For demonstrations and tests that need phones as processes of their own. Each command is an object with `do` and its
arguments; each answer an object, with `error` (a stable code) where it went wrong.
"""
