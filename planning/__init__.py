"""From paper to dates: definitions, agency groups at a date, expansion, clashes, the stored year and its releases."""
