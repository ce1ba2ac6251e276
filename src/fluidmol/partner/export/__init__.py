"""Models as ONNX files, which other programs can run.

Molecules become features with RDKit, which ONNX can't do: the file takes a matrix of features, and a JSON beside it
says exactly which. What compares a molecule with private compounds is never exported.
"""
