"""A running office seen in a real browser: its pages, and what people do on them."""
