"""The inbox (待办): one list of all that waits for a decision, a page for each item, and what came of each."""
