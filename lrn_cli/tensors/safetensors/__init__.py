"""Files of safetensors: their header, tensors that are read and written at any place, and what they say besides."""
