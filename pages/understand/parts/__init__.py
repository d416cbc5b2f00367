"""The parts of the screens about segments and shoppers."""
