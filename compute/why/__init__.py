"""Why a head looks there: what made a query and a key match, proposed and then measured.

From outside: `questions.Question` says what is asked, `answers` has it explained and kept. There
`questions.ask` finds the edges, `parts.split` and `proposals` propose, `effects.measure` decides;
`explaining.explain` does all of it. ``held`` makes normalisations linear, ``traced`` runs the pass
that is attributed, ``without`` passes without heads, of which ``sides`` reads what went; ``nulls``
picks what edges are compared with, ``results`` holds what came out and ``rows`` its table.
"""
