"""Routes: decode, call, encode; nothing else. Every refusal leaves here as problem details (RFC 9457)."""
