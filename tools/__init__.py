"""The workshop: what makes, prints, measures and checks the course. No lesson needs it."""
