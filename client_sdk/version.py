"""The version of the SDK and of the project, in the one place where it is written (docs/versions.md)."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
