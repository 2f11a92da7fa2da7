"""Each lesson's exercises, one module per lesson, read only when one of them is checked."""
