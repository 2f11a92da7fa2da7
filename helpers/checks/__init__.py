"""The claims that can be computed, one module per lesson: `lNN.py` declares those of lesson NN."""
