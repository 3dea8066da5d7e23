"""Who may ask: every request passes here before anything else runs (`door.guard`).

`hosts` and `origins` refuse what was not asked by the person's own page, `tokens` and `visits` know
the person, `headers` tells the browser what a page of ours may do, `limits` and `listening` hold
what a request may cost.
"""
