"""The service that an operator runs: names in a database, blobs by their SHA-256, and one log of all that happened.

==========================  =========================================================================
``settings``                where the service keeps what, and its limits
``tables``, ``audit``       the database, and the log with a hash chain within it
``authority``, ``members``  certificates: made, asked for with a one-time code, revoked
``access``                  who may read and write which name
``blobs``, ``shelf``        content by its digest, and names for it that are given once
``uploads``, ``pace``       uploads that resume, and how fast each member may ask
``app`` and its routes      the API, the pages, health and metrics
``listen``                  TLS 1.3 with client certificates, over uvicorn
==========================  =========================================================================
"""
