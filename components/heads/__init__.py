"""The stage "Heads": the map and the heatmap of one head, or of two side by side."""
