"""The yardstick: two bare Nameko services with default settings, `@http` doing one RPC that returns a small dict."""
