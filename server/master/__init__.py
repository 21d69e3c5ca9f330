"""The master store: tables, engine, the one write path, the feed, the journal, migrations.

Nothing else writes the archive. This room knows records and scopes; who a person is and what they may do is
decided above it and comes in as an `Actor`.
"""
