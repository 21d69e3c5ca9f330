"""Sweeps (扫街) as the company sees them: what each found, and what is covered, blank, or long unseen."""
