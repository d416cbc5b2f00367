"""Screens that recommend."""
