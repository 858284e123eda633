"""Tests of the promises of the house."""
