"""Forms (`replica.form`): what an app draws to take down a record, without knowing the archive's fields itself."""
