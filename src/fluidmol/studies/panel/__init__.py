"""A panel of endpoints: a virtual consortium for each, and what is gained over all of them.

>>> from fluidmol.studies.panel.endpoints import folder_of
>>> folder_of("CYP3A4 / inhibition")
'CYP3A4-inhibition-1c7b'
"""
