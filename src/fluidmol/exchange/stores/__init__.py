"""Places that a company has already: buckets and file servers, as dumb stores of signed and sealed files.

===========  ==============================================================================
``opening``  from an address such as ``s3://bucket/prefix`` to its mailbox
``mailbox``  the mailbox over any store: names, bounds, tries again
``store``    the little that stores differ in
``objects``  stores that fsspec reaches: S3, and others by their own packages
``sftp``     SFTP, with SSH's own files for hosts and keys
``trouble``  what stores raise, as errors of ours
===========  ==============================================================================
"""
