"""The drop engine: a small HTTPS service that keeps blobs by name, and a mailbox that talks to it.

``client`` and ``identity`` are what a party needs; ``server`` is what an operator runs (extra ``server``). The service
never looks into a blob: what is sealed stays sealed. Who somebody is, is what their client certificate says; what they
may do follows from their role and from the blob's name alone.
"""
