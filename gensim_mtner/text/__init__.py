"""Documents: from files to sentences, from sentences to integers; nothing here knows of vectors, labels or models."""
