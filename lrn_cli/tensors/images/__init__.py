"""Images as tensors of height, width and channels: what the image formats share. Only here Pillow is imported."""
