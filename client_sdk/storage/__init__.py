"""The one seam to files and SQLite: `disk` touches files, `driver` speaks to APSW, nothing else does either."""
