"""Pictures of arrays that several stages draw, and everybody's colours. Knows no ids, no callbacks.

``theme`` has the colours and what Plotly is told of every figure, ``figures`` grids of heads and
lines, ``heatmaps`` the attention of a passage.
"""
