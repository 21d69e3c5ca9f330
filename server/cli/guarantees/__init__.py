"""What is promised, under which assumptions, and what is not: one table, for machines and for people.

docs/threat-model.md says the same, row by row, and a test holds the two together. Every row names tests that exist.
"""
