"""Learn from the shop's own log, and judge by it: snapshot, splits, metrics, models, runs."""
