"""Engines: the cores of this machine, or a cluster of Dask or Ray, as joblib backends under the same code.

>>> from fluidmol.engines.engine import Engine
>>> with Engine(workers=2).running():
...     pass
"""
