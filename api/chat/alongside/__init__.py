"""A worker alongside a child: before they start, and what stands beside the talk on the same screen."""
