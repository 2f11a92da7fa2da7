"""JupyterLite: the lessons with Python inside the browser: `make lite`."""
