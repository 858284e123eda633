"""Tests of the public."""
