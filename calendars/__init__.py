"""Everything that knows what a day is: time phrases read and written, working days, published calendars."""
