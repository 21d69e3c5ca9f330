"""The company's side: takes what phones send, keeps the master store, answers. Imports `sync`, never `client_sdk`."""
