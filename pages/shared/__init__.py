"""What several screens share: cached state, charts, the jobs panel, formats."""
