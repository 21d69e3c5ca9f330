"""The conformance check: a throw-away rep with real phones is offboarded, and what is promised is looked at.

It asks nothing of the side that it checks but its answers, its database and the phones' directories. It touches
nothing of the company's own, and takes away what it made.
"""
