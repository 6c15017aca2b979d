"""The only room that speaks SQL: papers, people, subscriptions, outbox and leases on SQLite or PostgreSQL."""
