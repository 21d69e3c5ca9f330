"""Tests of the routes, on the real application and real files."""
