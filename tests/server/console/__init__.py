"""Tests of the console: what pages show, and what a click does."""
