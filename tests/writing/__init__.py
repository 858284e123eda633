"""How children write: the same questions as typed and in plain English, group by group."""
