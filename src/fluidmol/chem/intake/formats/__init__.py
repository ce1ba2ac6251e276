"""Kinds of files: each is opened as names of columns and rows, one after another."""
