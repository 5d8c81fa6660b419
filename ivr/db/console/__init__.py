"""What the console reads and writes: calls to be searched, staff, and what staff have done."""
