"""What only a phone has: its key store, its clock, what it knows of network and battery.

`here.ports` finds what the phone brings. Nothing else in `client_sdk` imports these modules, and what they need
(pyjnius, rubicon-objc) comes with the app.
"""
