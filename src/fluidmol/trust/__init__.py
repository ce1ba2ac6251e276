"""Who said what, and who may read it: keys, signatures, sealing.

Ed25519 signatures come from `cryptography <https://cryptography.io>`_, sealing is the `age
<https://age-encryption.org/v1>`_ format; nothing of it is of our own making but what is signed:

>>> from fluidmol.trust.keys import PrivateKeys
>>> from fluidmol.trust.signed import opened, signed
>>> from fluidmol.values.messages import Declined
>>> keys = PrivateKeys.generate("acme")
>>> data = signed(Declined("sha256:" + "0" * 64, "acme", "we are on holiday"), about="", keys=keys)
>>> opened(data, [keys.public.party("partner")]).signer
'acme'
"""
