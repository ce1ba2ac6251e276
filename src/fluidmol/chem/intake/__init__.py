"""Reading molecules and measurements as people have them.

A file becomes a :class:`~fluidmol.chem.intake.tables.Table`, its molecules are standardised once, and what can't
be used becomes a :class:`~fluidmol.chem.intake.rejected.Rejected` row with a reason. Private tables are read by
``read_labelled``, public transfer sets by ``read_molecules``.
"""
