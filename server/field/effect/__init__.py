"""Before and after a departure: what its outlets bought, held against comparable outlets of other territories."""
