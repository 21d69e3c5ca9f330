"""Everything around a cut-off: preview, notice, informing customers, the plan of the handover and what it carries out.

The cut-off itself is the business of `cutoff`; nothing here ends a device. Nothing here is ever deleted.
"""
