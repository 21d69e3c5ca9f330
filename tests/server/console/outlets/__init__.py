"""Tests of the pages of outlets."""
