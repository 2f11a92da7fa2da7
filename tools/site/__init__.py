"""The lessons as a site without a kernel: `make site`."""
