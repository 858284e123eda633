"""The console: where the advocates of a provider answer children who asked for a person."""
