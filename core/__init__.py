"""Kindred's engine. ``ls core`` reads as the pipeline; a folder imports only from folders that sort before it."""

import os

# Read when torch loads: threads that spin while they wait make a busy machine ten times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
