"""The lab: what all studies of a virtual consortium share.

A *study* (:mod:`fluidmol.studies.analyses`) asks one question. It does so in *cells*: small pieces of work, each with
its case (say ``left_out = partner-3``), each finished or not. A cell takes models and labels from the :class:`Lab` of
one seed's consortium, which fits what nobody has fitted before and keeps predictions and opinions in a :class:`Store`;
so studies of one folder share them. The *runner* goes through seeds and cells, keeps what is finished, and writes the
long table in the end.
"""
