"""Screens that prepare the data."""
