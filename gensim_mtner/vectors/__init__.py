"""Word vectors of two languages: which row is a word, how rows are trained, and which are near each other."""
