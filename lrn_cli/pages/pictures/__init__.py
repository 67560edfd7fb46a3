"""Pictures: described once as data in `figure.py`, arranged once into marks, written as SVG, PNG, PDF or characters."""
