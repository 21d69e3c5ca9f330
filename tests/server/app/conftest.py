"""The deployment of the routes' tests serves here too."""

from tests.server.routes.conftest import house

__all__ = ["house"]
