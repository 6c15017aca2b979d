"""Ports: what crosses rooms, the contracts between sources, channels, encoders, commands and the pipeline."""
