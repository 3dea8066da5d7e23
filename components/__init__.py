"""What a person sees: the only place that imports Dash or Plotly. Computes nothing."""
