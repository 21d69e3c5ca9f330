"""The rules of the business that both sides follow, on their edges."""
