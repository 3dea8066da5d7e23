"""What several stages are made of: controls, figures, tables, colours."""
