"""What people paste: calls and layers in the languages that the conventions' own calls are written in."""
