"""Model files and pasted text: the LRN layers in them, as conventions with numbers; no NumPy, and nothing is run."""
