"""Things that tests are built from, and what is written into fixtures/."""
