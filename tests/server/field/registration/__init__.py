"""Tests of the review of registrations and of codes that are given offline."""
