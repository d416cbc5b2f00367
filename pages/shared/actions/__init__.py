"""The parts of Next actions: what pays with which segment, one shopper's actions, audiences, what is assumed."""
