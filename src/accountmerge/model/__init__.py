"""What exists: profiles, customers, appointments, records, access, and the snapshot that holds them."""
