"""Tests of cards, forces, the alarm and vetting."""
