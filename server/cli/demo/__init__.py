"""The demo: a server and two phones as processes of their own, the whole path, and what each side holds at the end.

Nothing that it reports is written in: every number is read from an answer, the master store or a phone's directory.
"""
