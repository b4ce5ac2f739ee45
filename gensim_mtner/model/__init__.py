"""The model: what it is trained with, how training goes, what it answers, how it is kept."""
