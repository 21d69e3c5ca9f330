"""Tests of the map: tiles, shapes, what is drawn, and territories that are drawn anew."""
