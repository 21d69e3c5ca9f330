"""Tests of credit customers, on real stores."""
