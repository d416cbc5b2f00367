"""The parts of Experiments and Iteration: the plan, the figures, what may be done; what came of a change; when to train again."""
