"""Identification: which local response normalization turned one tensor into another."""
