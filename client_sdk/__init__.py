"""The phone's side: a replica that works without a network. Imports `sync`, never `server`."""
