"""Tests of the master store."""
