"""How fast maps and models answer: `make bench` writes docs/bench.md."""
