"""Reading what dealers have, in stages that only pass values on: table, mapping, harvest, plan, rejects.

`read_table` → `guess_mapping` → `harvest` → `match` → (the write path, elsewhere) → `write_rejects`. No database here.
"""
