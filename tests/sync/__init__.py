"""The engine that both sides share, tested as values in and values out."""
