"""Screens that help to understand shoppers."""
