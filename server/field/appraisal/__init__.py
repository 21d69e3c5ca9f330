"""The appraisal (考核): first for archives that are built, later for archives that are kept."""
