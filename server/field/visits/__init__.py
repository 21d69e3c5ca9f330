"""Visits on the server: judged when they arrive, and paired into joint visits."""
