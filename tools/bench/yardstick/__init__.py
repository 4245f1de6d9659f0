"""The yardstick: two bare Nameko services with stock settings, `@http` doing one RPC that returns a small dict."""
