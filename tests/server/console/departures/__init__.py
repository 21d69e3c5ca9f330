"""Tests of departures as the pages show them."""
