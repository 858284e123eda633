"""Tests of the child's chat."""
