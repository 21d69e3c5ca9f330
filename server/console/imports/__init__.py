"""Importing a customer list in the browser: upload, mapping, what would come of it, mending rows, importing."""
