"""Reading and writing documents: one JSON format for each kind of value, with its schema."""
