"""Transfer sets from pools of millions: files in a stream, standardised once, then picked from by a named method.

Each step keeps on disk what grows with the pool, and in memory a few numbers a molecule.

1. :mod:`~fluidmol.chem.pool.expanding`: files, folders, globs and addresses to files that are read.
2. :mod:`~fluidmol.chem.pool.preparing`: chunks of rows, on all cores, to files of usable molecules with fingerprints.
3. :mod:`~fluidmol.chem.pool.ordering`: one molecule a skeleton, in an order that seed and skeletons alone decide.
4. :mod:`~fluidmol.chem.pool.comparing`: what is in or near excluded sets, how near the rest is to given sets, and in
   which tile of a public tiling (:mod:`~fluidmol.chem.pool.tiles`) it lies.
5. :mod:`~fluidmol.chem.pool.picking`: a method, one file each.
6. :mod:`~fluidmol.chem.pool.shards`: the chosen ones as shards named by content, and a manifest.

:func:`fluidmol.chem.pool.building.build_transfer` does them all.
"""
