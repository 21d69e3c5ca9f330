"""Tests of what is owed to every outlet once a quarter."""
