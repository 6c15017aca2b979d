"""The rules about papers, words and time: pure functions and values, no I/O, no clock, no randomness."""
