"""`/settings`: the rules of the company, its classes, products, notices, leases and holidays."""

from __future__ import annotations

from server.routes.console.settings import classes, notices, others, products, rules

__all__ = ["ROUTES"]

ROUTES = (*others.ROUTES, *rules.ROUTES, *classes.ROUTES, *products.ROUTES, *notices.ROUTES)
