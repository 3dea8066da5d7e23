"""What one takes along: tables as CSV and JSON, and the dossier of a head."""
