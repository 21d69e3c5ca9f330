"""Tests of telling devices that something is there."""
