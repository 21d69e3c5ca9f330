"""Benchmarks: what it takes, beside what the same machine takes for the least that could do it, in one run.

A benchmark is no test: it asserts nothing and says for each line whether the limit was met.
"""
