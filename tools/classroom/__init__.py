"""A class of scripted students on a real JupyterHub: `make classroom`."""
