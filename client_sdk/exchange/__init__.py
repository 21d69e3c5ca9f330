"""A sync, in the order that it runs: conversation, request, rounds, taking; handing in after an order; the report."""
