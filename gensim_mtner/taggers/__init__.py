"""Taggers: on word vectors, on letters and neighbours, and both together."""
