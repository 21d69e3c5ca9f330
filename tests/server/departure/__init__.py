"""Tests of departure."""
