"""Who calls, and what they may ask for: bearer tokens, each with a name and scopes."""
