"""What a comparison looks like: lines on a terminal, rows in a file, plots."""
