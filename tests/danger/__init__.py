"""Cries for help, cause by cause, and their harmless twins."""
