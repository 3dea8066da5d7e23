"""demo-pairs: an encoder–decoder that copies or reverses the words it is given.

The first word of the source says which: ``copy: a b c`` gives ``a b c``, and ``reverse: a b c``
gives ``c b a``. So one knows where each word of the target comes from, and where a head of the
cross attention has to look.
"""
