"""The month: what happened in the district, replayed through real phones and the real server, and worked out again.

The replay acts on the product; `plain` works the same reports out from the events alone, by the page of rules.
"""
