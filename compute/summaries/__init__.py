"""What is kept of a stretch of text about all heads, so that any two can be added in any order.

Everything that is added is a whole number: counts; `exact` sums of documents; `mass` in units of
2⁻³⁰. Everything that is chosen, passages for a sample or the strongest, is chosen by a total order
of values and hashes. So the summary of a corpus is the same to the last bit however it was shared
out among workers, and whichever of them ended first.
"""
