"""Journeys through the whole system; a package, so that its running office is stopped after the last of them."""
