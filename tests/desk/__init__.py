"""Tests of the force's staff."""
