"""How requests and replies travel: named blobs that are written once, in any place that several companies reach.

==================  ==================================================================================
``mailbox``         the port: all that places differ in
``folder, disk``    a folder, a share, a stick
``local``           no place at all: partners in this process, for simulations
``places``          from what people call a place to its mailbox; other packages bring more kinds
``layout``          what blobs are called, and what their names say
``contents``        the charter, signatures and questions of a place, checked
``closing``         the coordinator's signed word on whose replies count
``carried``         files that people brought by hand
``status``          how a consortium stands, seen without any key
==================  ==================================================================================
"""
