"""The public register: which force has signed which words."""
