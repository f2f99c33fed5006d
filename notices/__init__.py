"""From dates to people: which notice when, its wording, the outbox, the channels, the answer, the evidence."""
