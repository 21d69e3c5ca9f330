"""Tests of the questions about stock, on real stores."""
