"""The import doctor: read any shop's file, guess what it holds, load each row or say why not, undo."""
