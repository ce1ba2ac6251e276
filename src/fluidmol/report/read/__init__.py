"""Results from the files of a folder, or what is wrong with these."""
