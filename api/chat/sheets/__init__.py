"""Answers and posters on paper: pages made to be printed, and the same as PDF."""
