"""The public pool (公海): outlets that nobody holds, dealt out, claimed, allotted and returned."""
