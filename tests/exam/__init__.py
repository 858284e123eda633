"""The exam: lines by authors who saw no training line, asked of the real bot and the real alarm."""
