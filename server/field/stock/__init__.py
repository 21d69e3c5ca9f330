"""Stock that explains itself (进销存): questions with their figures, kept once each, answered by a manager."""
