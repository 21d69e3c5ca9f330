"""Outlets (终端): the list, the archive of one, all that happened to it, and mending it."""
