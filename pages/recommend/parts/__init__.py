"""The parts of the recommendation screen."""
