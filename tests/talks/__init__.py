"""Whole talks by strangers: how many turns, and how many talks, give a child what they needed."""
