"""The parts of the import screen: a file on its way in, and what became of it."""
