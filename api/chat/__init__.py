"""The child's door: the pages and the JSON of the chat."""
