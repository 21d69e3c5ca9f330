"""Reading what dealers have: real files in, typed values out."""
