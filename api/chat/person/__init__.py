"""The way to a person: asking, waiting, talking, coming back and forgetting, as pages, as JSON and live."""
