"""A server in memory that speaks the protocol, written from `sync/` alone: what the phone's tests talk to.

It is no stand-in for `server/`: it keeps one company in dictionaries, so that a test can look at everything, stop it
anywhere and copy it whole.
"""
