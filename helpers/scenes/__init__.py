"""What the lessons draw: plain functions that turn model results into layers and charts."""
