"""The company's side, tested on real stores."""
