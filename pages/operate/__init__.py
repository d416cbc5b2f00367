"""Screens that train models, judge them and choose which one is served."""
