"""Kindred's engine. ``ls core`` reads as the pipeline; a folder imports only from folders that sort before it."""
