"""What demo, conformance check and benchmark share: processes, the desk's acts, looking into a directory."""
