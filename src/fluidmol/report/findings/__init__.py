"""What results mean, in plain words, for readers who will read nothing else."""
