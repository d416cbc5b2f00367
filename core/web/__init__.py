"""What the app answers besides its pages: streamed uploads, and a clear 404 for everything unknown under ``/api``."""
