"""What every door of the web stands on: settings, database, pages, security headers and errors."""
