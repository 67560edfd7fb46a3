"""Whether a file is the gradient of a tensor, and which mistake gives it if it is not."""
