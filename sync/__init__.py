"""The engine that the server and the phone share: values in, values out.

Nothing in here touches a network, a database, a clock or randomness; whatever is impure
comes in as an argument. Neither `server` nor `client_sdk` may be imported from here.
"""
