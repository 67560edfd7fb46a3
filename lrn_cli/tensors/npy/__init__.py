"""NumPy's .npy format: its header, files read and written at any place, and streams."""
