"""The parts of the recommendation screen: the list and its reasons."""
