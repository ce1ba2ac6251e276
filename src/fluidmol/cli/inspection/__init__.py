"""What ``fluid inspect`` knows about files: which kind one is, and what each kind says, in plain words."""
