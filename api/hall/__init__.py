"""The hall every door opens from: settings, database, pages, guard and errors."""
