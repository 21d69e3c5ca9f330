"""Tests of the sheets that are printed."""
