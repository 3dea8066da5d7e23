"""What a model is before it is loaded: its name and files, looked at as plain data.

``names`` and ``sources`` have what a person types and what that stands for; ``packaged`` the
models of packages; ``folders``, ``digests`` and ``sizes`` what lies in a folder. ``files`` checks
settings and weights, ``likely`` tells the family that settings do not name, ``kinds`` what a family
is for; ``skeleton`` stops a model that outgrows its files, ``libraries`` tells what is missing.
"""
