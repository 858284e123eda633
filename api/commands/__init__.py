"""The operator's commands beside the desk: people, doors and the log, for whoever is on the machine itself."""
