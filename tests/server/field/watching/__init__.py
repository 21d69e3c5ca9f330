"""Tests of dependence and early signs."""
