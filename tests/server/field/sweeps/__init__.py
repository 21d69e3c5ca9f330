"""Tests of sweep reports and coverage."""
