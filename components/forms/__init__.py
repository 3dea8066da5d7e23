"""What values must look like: a `form.Form` holds one against a type and says what doesn't fit.

``fields`` has the small types that the larger ones are made of, ``opened`` the records of what is
open, ``results`` those of what a job has made. Other records are beside the parts that use them.
"""
