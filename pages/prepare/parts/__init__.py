"""The parts of the import screen."""
