"""Tests of the public pool."""
