"""The company's rules worked out slowly and plainly from what happened, by `docs/rules.md` and nothing else.

Lists and dicts, no store, and no line of the product's own rules: that is what makes it worth comparing.
"""
