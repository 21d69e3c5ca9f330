"""The master store moves while phones are in the field."""
