"""A sample app in Flet: what a rep does in a day, on a phone's screen. `make sample` runs it against a sandbox.

It shows the shape of an app on the SDK: a screen says what it reads (`look`) and how that is drawn (`draw`); the SDK
watches, checks, stores, syncs, locks and wipes. Nothing else of `client_sdk` imports it.
"""
