"""The parts of the segments screen: the groups, how they are stated, scored, compared, moved between and taken along."""
