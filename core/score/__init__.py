"""Rank items for one shopper: taste, quality, candidates, blend, explanation, fallback."""
