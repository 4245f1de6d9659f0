"""Documents for people, made of what the services answer."""
