"""ONNX graphs, however they are written: their LRN nodes, and what PyTorch makes of its layer."""
