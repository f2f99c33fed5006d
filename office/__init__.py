"""The keys of the office: settings, the database, the clock. Doors may import it, rooms may not."""
