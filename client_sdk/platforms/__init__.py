"""What only a phone has: its key store, its clock, what it knows of network and battery.

An app imports the module of its platform; nothing else in `client_sdk` does, and what they need (pyjnius, rubicon-objc)
comes with the app.
"""
