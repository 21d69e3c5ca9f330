"""The phone's side, tested on real files."""
