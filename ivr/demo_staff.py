"""Who may sign in to the console of a demo, and the secret that their password is kept as."""

DEMO_STAFF, DEMO_PASSWORD = "demo", "DEMO_STAFF_PASSWORD"
