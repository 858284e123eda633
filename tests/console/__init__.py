"""Tests of the advocate."""
