"""Ray, the engine that spreads work over processes and machines; nobody else imports it."""
