"""TIFF past Pillow: several pages, numbers of every kind, any number of bands, in blocks; tifffile packs them."""
