"""Outside of every company: the coordinator sees annotations, and nothing else."""
