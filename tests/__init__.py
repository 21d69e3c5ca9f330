"""Mirrors the three packages; each test states the rule that it holds the product to."""
