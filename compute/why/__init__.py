"""Why a head looks there: what made a query and a key match, proposed and then measured.

From outside: `questions.ask` says what is explained, `parts.split` proposes, `effects.measure`
decides; `explaining.explain` does all of it. ``held`` makes normalisations linear, ``traced`` runs
the pass that is attributed, ``nulls`` picks what edges are compared with, ``results`` holds what
came out and ``rows`` its table.
"""
