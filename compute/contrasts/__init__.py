"""What pairs of a query and a key have in common that other pairs at the same places lack.

``marks`` says of which pairs a property holds, ``kinds`` which properties can be named, ``units``
what part of a text is fitted and what is held out, ``pairs`` draws matching pairs and their
controls, and ``covariance`` finds the directions in which queries and keys meet.
"""
