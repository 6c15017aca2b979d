"""Encoders: what makes a vector of a text, one file each."""
