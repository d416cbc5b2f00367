"""The parts of the catalogue screen."""
