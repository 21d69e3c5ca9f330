"""The people of the company and their phones, as the pages show them."""
