"""Parts of the Learning screen."""
