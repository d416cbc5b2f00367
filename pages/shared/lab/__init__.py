"""The parts of the α lab: the list under the slider, the curve, the segments, and what is drafted, published and reverted."""
