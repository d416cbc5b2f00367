"""What an item is made of, in numbers: text, vectors, keywords, quality."""
