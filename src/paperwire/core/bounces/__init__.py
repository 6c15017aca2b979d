"""What mail servers send back, read without anything that is slow to load."""
