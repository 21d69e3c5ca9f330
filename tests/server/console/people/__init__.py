"""Tests of the people and their phones as the pages show them."""
