"""The parts of the training, runs and evaluation screens."""
