"""Where things stand: the standing of a duty on a day, and who is missing."""
