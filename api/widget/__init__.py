"""The widget: what a force puts on its own site, and what stands behind it."""
