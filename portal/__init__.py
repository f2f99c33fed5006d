"""The door agencies open: pages over HTTP. Rules are in the rooms."""
