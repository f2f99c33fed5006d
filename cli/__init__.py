"""The operator's door: the command ``dondoc``."""
