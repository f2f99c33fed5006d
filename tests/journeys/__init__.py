"""Journeys through the whole system; a package of its own, so that its running office is stopped at the last of them."""
