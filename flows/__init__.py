"""The door the clock opens: Prefect flows, a few lines each, and their registration. Rules are in the rooms."""
