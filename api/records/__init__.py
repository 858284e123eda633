"""What we keep: the only tables, and the few ways to write them."""
