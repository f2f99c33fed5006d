"""Flows, deployments and their registration, most of them before one real Prefect server."""
