"""The codec is given bytes that nobody meant: whatever comes is read, or refused in the one way that is declared."""
