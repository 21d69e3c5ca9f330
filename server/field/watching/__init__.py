"""What hangs on one person alone, and what somebody does otherwise than usual: questions for a manager."""
