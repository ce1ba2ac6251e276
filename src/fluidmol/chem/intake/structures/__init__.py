"""What else a structure's text may say: stereo that isn't known, extensions, salts of salts."""
