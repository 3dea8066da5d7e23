"""What the page shows, as callbacks are told of it, and what that is in `compute`.

``records`` are the head of a column, its map's options and looks, ``pictures`` the kept layout that
these ask for, ``shown_head`` what a stage knows of the open head, ``tokens`` what the browser knows
of a run, ``typed`` numbers and files as fields hold them.
"""
