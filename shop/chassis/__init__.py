"""What every service stands on: log client, subscriptions, RPC, transport, configuration, logs."""
